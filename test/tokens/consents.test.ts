import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../src/audit/actor.ts';
import { secondsAfter } from '../../src/platform/clock.ts';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import { type EndChoice, endOf } from '../../src/tokens/consent-ends.ts';
import {
  changeConsentEnd,
  giveConsent,
  IDENTITY,
  liveConsents,
  withdrawConsent,
} from '../../src/tokens/consents.ts';
import { sweepExpiredArtifacts } from '../../src/tokens/expiry.ts';
import { flushWriteSet } from '../../src/tokens/flush.ts';
import { findGrant } from '../../src/tokens/grants.ts';
import { noteUse, writeLastUses } from '../../src/tokens/last-used.ts';
import { LIFETIMES } from '../../src/tokens/lifetimes.ts';
import { newWriteSet } from '../../src/tokens/write-set.ts';
import { clockAt } from '../support/clock.ts';
import { openTestPlatform } from '../support/platform.ts';

const ACTOR: Actor = { kind: 'cli', id: 'test' };
const DAY = 86_400;
const CLIENT = 'app_of_the_test';
const ALLOWED = [
  { resource: IDENTITY, scopes: ['openid'] },
  { resource: 'https://notes.example', scopes: ['notes:read'] },
];

describe('what a person allows an app', () => {
  const clock = clockAt();
  let platform: OpenPlatform;
  let accountId: string;
  let parties: { accountId: string; clientId: string };
  beforeAll(async () => {
    platform = await openTestPlatform({ clock });
  });
  afterAll(() => platform.close());
  beforeEach(() => {
    accountId = randomUUID();
    parties = { accountId, clientId: CLIENT };
  });

  const give = (choice?: EndChoice, allowed = ALLOWED) =>
    giveConsent(platform, ACTOR, {
      ...parties,
      allowed,
      end: endOf(choice ?? 'until-removed', clock.now()),
      keepEnd: choice === undefined,
    });
  const change = (choice: EndChoice) =>
    changeConsentEnd(platform, ACTOR, { ...parties, end: endOf(choice, clock.now()) });
  const live = () => liveConsents(platform, accountId, CLIENT);
  const stands = async (grantId: string) => (await findGrant(platform, grantId)) !== undefined;

  /** As an authorization request writes one. */
  async function newGrant({ needsConsent = true } = {}): Promise<string> {
    const id = randomUUID();
    const set = newWriteSet();
    set.grants.set(id, {
      id,
      ...parties,
      browserSessionId: null,
      endsWithSession: false,
      payload: {},
      createdAt: clock.now(),
      expiresAt: secondsAfter(clock.now(), LIFETIMES.grant),
      userAgent: null,
      needsConsent,
    });
    await flushWriteSet(platform, set);
    return id;
  }

  it.each<[EndChoice, number]>([
    ['1-hour', 3_600],
    ['1-day', DAY],
    ['30-days', 30 * DAY],
    ['unused-90-days', 90 * DAY],
  ])('%s: ends then, and every grant with it', async (choice, seconds) => {
    await give(choice);
    const grant = await newGrant();
    clock.forward(seconds - 1);
    expect([(await live()).length, await stands(grant)]).toEqual([2, true]);
    clock.forward(1);
    expect([(await live()).length, await stands(grant)]).toEqual([0, false]);
  });

  it('lasts until it is removed where that was chosen; a grant never longer than any other', async () => {
    await give('until-removed');
    const grant = await newGrant();
    clock.forward(LIFETIMES.grant);
    expect([(await live()).length, await stands(grant)]).toEqual([2, false]);
  });

  it('moves on with each use where disuse would end it', async () => {
    await give('unused-90-days');
    const grant = await newGrant();
    clock.forward(89 * DAY);
    noteUse(platform, grant);
    expect(await writeLastUses(platform)).toBe(1);
    expect(await writeLastUses(platform)).toBe(0);
    const used = clock.now();
    clock.forward(89 * DAY);
    expect(await stands(grant)).toBe(true);
    expect((await live()).map(({ lastUsedAt }) => lastUsedAt)).toEqual([used, used]);
    clock.forward(DAY);
    expect([(await live()).length, await stands(grant)]).toEqual([0, false]);
  });

  it('does not move on by use where its end is fixed, nor comes back by a late note', async () => {
    await give('1-day');
    const grant = await newGrant();
    noteUse(platform, grant);
    await writeLastUses(platform);
    clock.forward(DAY);
    noteUse(platform, grant);
    await writeLastUses(platform);
    expect([(await live()).length, await stands(grant)]).toEqual([0, false]);
  });

  it.each<[EndChoice, EndChoice, number]>([
    ['30-days', '1-hour', 3_600],
    ['1-hour', '30-days', 30 * DAY],
    ['unused-90-days', '1-day', DAY],
    ['1-day', 'unused-90-days', 90 * DAY],
  ])('changed from %s to %s ends then, grants too', async (from, to, seconds) => {
    await give(from);
    const grant = await newGrant();
    expect(await change(to)).toBe(true);
    clock.forward(seconds - 1);
    expect([(await live()).length, await stands(grant)]).toEqual([2, true]);
    clock.forward(1);
    expect([(await live()).length, await stands(grant)]).toEqual([0, false]);
  });

  it('cannot be prolonged once it has ended', async () => {
    await give('1-hour');
    const grant = await newGrant();
    clock.forward(3_600);
    expect(await change('until-removed')).toBe(false);
    expect([(await live()).length, await stands(grant)]).toEqual([0, false]);
  });

  it('is prolonged for a grant up to the age that any grant has', async () => {
    await give('30-days');
    const grant = await newGrant();
    clock.forward(29 * DAY);
    await change('until-removed');
    clock.forward(LIFETIMES.grant - 29 * DAY - 1);
    expect(await stands(grant)).toBe(true);
    clock.forward(1);
    expect(await stands(grant)).toBe(false);
  });

  it('starts anew after its end instead of coming back to life', async () => {
    await give('1-hour');
    clock.forward(3_600);
    await give('1-day', [{ resource: IDENTITY, scopes: ['openid'] }]);
    expect((await live()).map(({ resource }) => resource)).toEqual([IDENTITY]);
  });

  it('keeps its end when more is allowed without another one, and shares a new one', async () => {
    await give('1-hour');
    await give(undefined, [{ resource: 'https://more.example', scopes: ['more:read'] }]);
    const until = secondsAfter(clock.now(), 3_600);
    expect((await live()).map((consent) => consent.until)).toEqual([until, until, until]);
    await give('1-day', [{ resource: IDENTITY, scopes: ['email'] }]);
    const later = secondsAfter(clock.now(), DAY);
    expect((await live()).map((consent) => consent.until)).toEqual([later, later, later]);
    const identity = (await live()).find(({ resource }) => resource === IDENTITY);
    expect(identity?.scopes).toEqual(['openid', 'email']);
  });

  it.each<[EndChoice, number]>([
    ['1-hour', 3_600],
    ['unused-90-days', 90 * DAY],
  ])('%s: is forgotten a day after its end, and no sooner', async (choice, seconds) => {
    await give(choice);
    const rows = () => platform.db.consent.count({ where: parties });
    clock.forward(seconds + DAY);
    await sweepExpiredArtifacts(platform);
    expect(await rows()).toBe(2);
    clock.forward(1);
    await sweepExpiredArtifacts(platform);
    expect(await rows()).toBe(0);
  });

  it('is kept where only its person ends it', async () => {
    await give('until-removed');
    clock.forward(3_650 * DAY);
    await sweepExpiredArtifacts(platform);
    expect(await live()).toHaveLength(2);
  });

  it('is taken back with every grant, and only once', async () => {
    await give('until-removed');
    const grants = [await newGrant(), await newGrant({ needsConsent: false })];
    expect(await withdrawConsent(platform, ACTOR, parties)).toBe(true);
    expect(await Promise.all(grants.map(stands))).toEqual([false, false]);
    expect(await live()).toEqual([]);
    expect(await withdrawConsent(platform, ACTOR, parties)).toBe(false);
  });

  it('is nobody else’s to change', async () => {
    await give('1-day');
    const other = { accountId: randomUUID(), clientId: CLIENT };
    expect(await withdrawConsent(platform, ACTOR, other)).toBe(false);
    expect(await withdrawConsent(platform, ACTOR, { ...parties, clientId: 'app_other' })).toBe(false);
    expect(await live()).toHaveLength(2);
  });

  it('is needed for a grant at the moment that is written', async () => {
    expect(await stands(await newGrant())).toBe(false);
    await give('1-hour');
    expect(await stands(await newGrant())).toBe(true);
    await withdrawConsent(platform, ACTOR, parties);
    expect(await stands(await newGrant())).toBe(false);
  });

  it('leaves no grant behind, however a withdrawal and requests meet', async () => {
    for (let round = 0; round < 10; round += 1) {
      await give('until-removed');
      const racing = Array.from({ length: 8 }, () => newGrant());
      await Promise.all([...racing, withdrawConsent(platform, ACTOR, parties)]);
      const grants = await Promise.all(racing);
      expect(await Promise.all(grants.map(stands))).toEqual(grants.map(() => false));
    }
  });

  it('keeps what could not be written of its uses', async () => {
    await give('until-removed');
    const grant = await newGrant();
    noteUse(platform, grant);
    const { run } = platform.sql;
    platform.sql.run = () => Promise.reject(new Error('away'));
    await expect(writeLastUses(platform)).rejects.toThrow('away');
    platform.sql.run = run;
    expect(await writeLastUses(platform)).toBe(1);
  });
});
