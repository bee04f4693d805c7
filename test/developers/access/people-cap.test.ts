import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  forgetReachedPeople,
  peopleToday,
  type Reached,
  reachPerson,
} from '../../../src/developers/access/people-cap.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openTestPlatform } from '../../support/platform.ts';
import { type ShiftedTime, shiftTime } from '../../support/time.ts';

describe('the people that an app may reach in a day', () => {
  let database: TestDatabase;
  let here: OpenPlatform;
  /** Another process, as far as memory goes. */
  let there: OpenPlatform;
  let apiId: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    here = await openTestPlatform({ database });
    there = await openTestPlatform({ database });
  });
  afterAll(async () => {
    await here.close();
    await there.close();
    await database.drop();
  });
  beforeEach(() => {
    apiId = randomUUID();
  });

  const reach = (accountId: string, peoplePerDay: number, at = here, part: Partial<Reached> = {}) =>
    reachPerson(at, { clientId: 'app_1', apiId, accountId, peoplePerDay, ...part });
  const today = async () => (await peopleToday(here, apiId, ['app_1'])).get('app_1');
  const [ann, bob, cid] = [randomUUID(), randomUUID(), randomUUID()];

  it('are as many as the access says; whoever was counted goes on', async () => {
    expect([await reach(ann, 2), await reach(bob, 2), await reach(cid, 2)]).toEqual([true, true, false]);
    expect([await reach(ann, 2), await reach(ann, 2, there), await reach(cid, 2, there)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(await today()).toBe(2);
  });

  it('are nobody where the access says so, and those who were counted before go on', async () => {
    expect(await reach(ann, 0)).toBe(false);
    expect(await reach(bob, 1)).toBe(true);
    expect(await reach(bob, 0, there)).toBe(true);
  });

  it('are counted for each app and each API apart', async () => {
    expect(await reach(ann, 1)).toBe(true);
    expect(await reach(bob, 1, here, { clientId: 'app_2' })).toBe(true);
    expect(await reach(bob, 1, here, { apiId: randomUUID() })).toBe(true);
    expect(await reach(bob, 1)).toBe(false);
  });

  it('are exactly that many when eighty ask at once, twice each, of two processes', {
    timeout: 60_000,
  }, async () => {
    const people = Array.from({ length: 40 }, () => randomUUID());
    const asked = await Promise.all(
      people.flatMap((accountId) =>
        [here, there].map(async (at) => ({ accountId, in: await reach(accountId, 7, at) })),
      ),
    );
    const let_in = new Set(asked.filter((one) => one.in).map(({ accountId }) => accountId));
    expect(let_in.size).toBe(7);
    expect(await today()).toBe(7);
    expect(await here.db.accessPerson.count({ where: { apiId } })).toBe(7);
    for (const accountId of let_in) expect(await reach(accountId, 7, there)).toBe(true);
  });

  it('are remembered without a statement', async () => {
    await reach(ann, 1);
    const closed = { ...here, db: undefined } as unknown as OpenPlatform;
    expect(await reach(ann, 1, closed)).toBe(true);
  });

  describe('as days go by', () => {
    let time: ShiftedTime;
    beforeEach(() => {
      time = shiftTime();
    });

    it('start anew, and who they were is forgotten', async () => {
      try {
        expect([await reach(ann, 1), await reach(bob, 1)]).toEqual([true, false]);
        time.forward(86_400);
        expect([await reach(bob, 1), await reach(ann, 1)]).toEqual([true, false]);
        expect(await here.db.accessPerson.count({ where: { apiId } })).toBe(2);
        time.forward(86_400);
        await forgetReachedPeople(here);
        expect(await here.db.accessPerson.count({ where: { apiId } })).toBe(1);
        expect(await today()).toBeUndefined();
      } finally {
        time.restore();
      }
    });
  });
});
