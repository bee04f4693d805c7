import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lane, openLane } from '../../../src/platform/database/lane.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

describe('a lane of reads', () => {
  let database: TestDatabase;
  let lane: Lane;
  beforeAll(async () => {
    database = await createTestDatabase();
    lane = openLane({ connectionString: database.databaseUrl });
  });
  afterAll(async () => {
    await lane.close();
    await database.drop();
  });

  const double = (n: number) =>
    lane.query<{ doubled: number }>({ name: 'double', text: 'SELECT $1::int * 2 AS doubled', values: [n] });
  const backend = async () =>
    (await lane.query<{ pid: number }>({ text: 'SELECT pg_backend_pid() AS pid' })).rows[0]?.pid;

  it('gives each of many reads at once its own answer, over one connection', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => double(n)));
    expect(answers.map(({ rows }) => rows[0]?.doubled)).toEqual(Array.from({ length: 200 }, (_, n) => n * 2));
    expect(await backend()).toBe(await backend());
  });

  it('survives a read that fails', async () => {
    const [failed, fine] = await Promise.allSettled([lane.query({ text: 'SELECT 1 / 0' }), double(21)]);
    expect([failed?.status, fine?.status]).toEqual(['rejected', 'fulfilled']);
  });

  it('connects anew when its connection was lost, and asks again what was under way', async () => {
    const before = await backend();
    const owner = new pg.Client({ connectionString: database.directDatabaseUrl });
    await owner.connect();
    const waiting = lane.query<{ done: string }>({ text: `SELECT pg_sleep(0.5)::text AS done` });
    await owner.query('SELECT pg_terminate_backend($1)', [before]);
    await owner.end();
    expect((await waiting).rows[0]?.done).toBe('');
    expect((await double(4)).rows[0]?.doubled).toBe(8);
    expect(await backend()).not.toBe(before);
  });
});
