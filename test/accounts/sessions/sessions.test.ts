import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  endIdleSessions,
  endSession,
  type LiveSession,
  loadHalfSession,
  loadSession,
  startSession,
} from '../../../src/accounts/sessions/sessions.ts';
import { completeSession } from '../../../src/accounts/sign-in/complete-session.ts';
import { newHandle } from '../../../src/platform/crypto/secrets.ts';
import { newId } from '../../../src/platform/ids.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import { createPerson, type Person } from '../../support/people.ts';
import { openTestPlatform } from '../../support/platform.ts';

const ACTOR = { kind: 'browser' } as const;
const ORIGIN = { userAgent: 'x'.repeat(5000), address: '127.0.0.1' };
const HOUR = 3600;
const DAY = 24 * HOUR;

let clock: MovableClock;
let platform: OpenPlatform;
let anna: Person;

beforeAll(async () => {
  platform = await openTestPlatform({ clock: { now: () => clock.now() } });
});
afterAll(() => platform.close());
beforeEach(async () => {
  clock = clockAt();
  anna = await createPerson(platform);
});

async function startHalf(accountId = anna.id) {
  const { secret } = await startSession(platform, ACTOR, { accountId, origin: ORIGIN });
  const half = await loadHalfSession(platform, secret);
  if (!half) throw new Error('no half session');
  return half;
}

async function signedIn(accountId = anna.id, previous?: LiveSession) {
  const completed = await completeSession(platform, ACTOR, {
    half: await startHalf(accountId),
    previous,
    factor: 'otp',
  });
  if (!completed) throw new Error('not completed');
  return { session: completed.session, handle: completed.handle.secret };
}

async function grantFor(browserSessionId: string, endsWithSession = true): Promise<string> {
  const { rows } = await platform.pool.query(
    `INSERT INTO grants (id, account_id, client_id, browser_session_id, ends_with_session, payload, created_at, expires_at)
     VALUES ($1, $2, 'app_x', $3, $4, '{}', now(), now()) RETURNING id`,
    [newId(), anna.id, browserSessionId, endsWithSession],
  );
  return rows[0].id;
}

async function isRevoked(id: string): Promise<boolean> {
  const { rows } = await platform.pool.query('SELECT revoked_at FROM grants WHERE id = $1', [id]);
  return rows[0].revoked_at !== null;
}

describe('a session', () => {
  it('ends a day after it was last used', async () => {
    const { handle } = await signedIn();
    for (let n = 0; n < 5; n += 1) {
      clock.forward(DAY - 1);
      expect(await loadSession(platform, handle)).toBeDefined();
    }
    clock.forward(DAY);
    expect(await loadSession(platform, handle)).toBeUndefined();
  });

  it('ends after thirty days however much it is used', async () => {
    const { handle } = await signedIn();
    for (let n = 0; n < 59; n += 1) {
      clock.forward(DAY / 2);
      expect(await loadSession(platform, handle)).toBeDefined();
    }
    clock.forward(DAY / 2);
    expect(await loadSession(platform, handle)).toBeUndefined();
  });

  it('is written to at most once a minute', async () => {
    const { handle, session } = await signedIn();
    const lastSeen = async () =>
      (await platform.db.browserSession.findUniqueOrThrow({ where: { id: session.id } })).lastSeenAt;
    const begin = clock.now();
    clock.forward(59);
    await loadSession(platform, handle);
    expect(await lastSeen()).toEqual(begin);
    clock.forward(1);
    await loadSession(platform, handle);
    expect(await lastSeen()).toEqual(clock.now());
  });

  it('is over for good once ended, together with the grants that live only as long', async () => {
    const { handle, session } = await signedIn();
    const [tied, offline] = [await grantFor(session.id), await grantFor(session.id, false)];
    expect(await endSession(platform, ACTOR, session.id)).toBe(true);
    expect(await endSession(platform, ACTOR, session.id)).toBe(false);
    expect(await loadSession(platform, handle)).toBeUndefined();
    expect([await isRevoked(tied), await isRevoked(offline)]).toEqual([true, false]);
  });

  it.each([
    ['nothing', undefined],
    ['a number', 5],
    ['text', 'session'],
    ['a handle of another kind', newHandle('browser', new Date(0))],
    ['a handle that nobody was given', newHandle('session', new Date(0))],
  ])('is not found by %s', async (_, handle) => {
    expect(await loadSession(platform, handle)).toBeUndefined();
    expect(await loadHalfSession(platform, handle)).toBeUndefined();
  });

  it('is stored under a digest, its browser cut to a bearable length', async () => {
    const { handle, session } = await signedIn();
    const { rows } = await platform.pool.query(
      'SELECT t::text AS row, user_agent FROM browser_sessions t WHERE id = $1',
      [session.id],
    );
    expect(rows[0].row).not.toContain(handle);
    expect(rows[0].user_agent).toHaveLength(300);
  });
});

describe('completing a sign-in', () => {
  it('happens once for each half session, of fifty at the same time', async () => {
    const half = await startHalf();
    const all = await Promise.all(
      Array.from({ length: 50 }, () => completeSession(platform, ACTOR, { half, factor: 'otp' })),
    );
    expect(all.filter(Boolean)).toHaveLength(1);
  });

  it('continues the session this person had in this browser, under a new handle', async () => {
    const before = await signedIn();
    const grant = await grantFor(before.session.id);
    clock.forward(HOUR);
    const after = await signedIn(anna.id, before.session);
    expect(after.session).toMatchObject({ id: before.session.id, authenticatedAt: clock.now() });
    expect(await loadSession(platform, before.handle)).toBeUndefined();
    expect(await loadSession(platform, after.handle)).toEqual(after.session);
    expect(await isRevoked(grant)).toBe(false);
  });

  it('ends the session of whoever was signed in before', async () => {
    const eve = await createPerson(platform);
    const before = await signedIn();
    const grant = await grantFor(before.session.id);
    const after = await signedIn(eve.id, before.session);
    expect(after.session.id).not.toBe(before.session.id);
    expect(await loadSession(platform, before.handle)).toBeUndefined();
    expect(await isRevoked(grant)).toBe(true);
  });

  it('never revives a session that was ended meanwhile', async () => {
    const before = await signedIn();
    await endSession(platform, ACTOR, before.session.id);
    const after = await signedIn(anna.id, before.session);
    expect(after.session.id).not.toBe(before.session.id);
    expect(await loadSession(platform, after.handle)).toBeDefined();
  });
});

it('the job ends what is stale and forgets it a month later', async () => {
  const idle = await signedIn();
  const grant = await grantFor(idle.session.id);
  await startHalf();
  clock.forward(DAY - HOUR);
  const fresh = await signedIn();
  clock.forward(HOUR);
  await endIdleSessions(platform);
  expect(await isRevoked(grant)).toBe(true);
  expect(await platform.db.browserSession.count({ where: { accountId: anna.id, endedAt: null } })).toBe(1);
  expect(await loadSession(platform, fresh.handle)).toBeDefined();
  clock.forward(31 * DAY);
  await endIdleSessions(platform);
  expect(await platform.db.browserSession.count({ where: { accountId: anna.id } })).toBe(1);
});
