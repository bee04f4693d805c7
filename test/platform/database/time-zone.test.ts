import pg from 'pg';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import { openTestPlatform } from '../../support/platform.ts';

it('keeps instants exact where the database prefers another time zone', async () => {
  const database = await createTestDatabase();
  const owner = new pg.Client({ connectionString: database.directDatabaseUrl });
  await owner.connect();
  await owner.query(`ALTER DATABASE "${owner.database}" SET TimeZone = 'America/New_York'`);
  await owner.end();
  const platform = await openTestPlatform({ database });
  const at = new Date('2026-11-22T12:00:00.123Z');
  await platform.db.replay.create({ data: { digest: Buffer.from('instant'), expiresAt: at } });
  const { rows } = await platform.pool.query<{ seconds: string }>(
    `SELECT extract(epoch FROM expires_at) AS seconds FROM replays`,
  );
  await platform.close();
  await database.drop();
  expect(Number(rows[0]?.seconds)).toBe(at.getTime() / 1000);
});
