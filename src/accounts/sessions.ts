import type { BrowserSession } from '../../prisma/generated/client.ts';
import type { Actor } from '../audit/actor.ts';
import { recordEvent } from '../audit/trail.ts';
import { secondsAfter } from '../platform/clock.ts';
import { digestOf, handleKind, type IssuedSecret, newHandle } from '../platform/crypto/secrets.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { inTransaction } from '../platform/transaction.ts';
import { LIFETIMES } from '../tokens/lifetimes.ts';
import { revokeGrantsOfSession } from '../tokens/revocation.ts';

/** A browser that is signed in with both factors. `authenticatedAt` is when it last proved them. */
export interface LiveSession {
  readonly id: string;
  readonly accountId: string;
  readonly authenticatedAt: Date;
  readonly acr: 'aal1' | 'aal2';
  readonly amr: string[];
  readonly expiresAt: Date;
}

/** A browser that has proven the password alone. It reaches the next step of its sign-in and nothing else. */
export interface HalfSession {
  readonly id: string;
  readonly accountId: string;
  readonly expiresAt: Date;
}

/** Where a session began, for the person's own list of sessions. */
export interface Origin {
  readonly userAgent: string;
  readonly address: string;
}

/** Seconds within which the second factor must follow the first. */
export const HALF_SESSION_SECONDS = 15 * 60;

const TOUCH_SECONDS = 60;
const LONGEST_USER_AGENT = 300;

/** The completed session behind a cookie value: not ended, used within a day, begun within thirty. */
export async function loadSession(platform: Platform, handle: unknown): Promise<LiveSession | undefined> {
  const row = await findByHandle(platform, handle);
  const now = platform.clock.now();
  if (!row?.completedAt || row.endedAt || row.expiresAt <= now) return undefined;
  if (secondsAfter(row.lastSeenAt, LIFETIMES.session.idleSeconds) <= now) return undefined;
  if (secondsAfter(row.lastSeenAt, TOUCH_SECONDS) <= now) {
    await platform.db.browserSession.updateMany({
      where: { id: row.id, endedAt: null },
      data: { lastSeenAt: now },
    });
  }
  return liveSession(row);
}

export async function loadHalfSession(platform: Platform, handle: unknown): Promise<HalfSession | undefined> {
  const row = await findByHandle(platform, handle);
  if (!row || row.completedAt || row.endedAt || row.expiresAt <= platform.clock.now()) return undefined;
  return { id: row.id, accountId: row.accountId, expiresAt: row.expiresAt };
}

/** Begins a half session: the password is proven, the second factor is not. */
export async function startSession(
  platform: Platform,
  actor: Actor,
  { accountId, origin }: { accountId: string; origin: Origin },
): Promise<IssuedSecret> {
  return inTransaction(platform, async (tx) => {
    const now = tx.clock.now();
    const secret = newHandle('session', now);
    const id = newId();
    await tx.db.browserSession.create({
      data: {
        id,
        digest: digestOf(secret),
        accountId,
        createdAt: now,
        authenticatedAt: now,
        acr: 'aal1',
        amr: ['pwd'],
        lastSeenAt: now,
        expiresAt: secondsAfter(now, HALF_SESSION_SECONDS),
        userAgent: origin.userAgent.slice(0, LONGEST_USER_AGENT),
        address: origin.address,
      },
    });
    await recordEvent(tx, actor, 'browser-session.started', { kind: 'browser-session', id }, { accountId });
    return { secret };
  });
}

/**
 * Turns a half session into a complete one, under a new handle: what a browser held before both factors were proven
 * is worth nothing afterwards (fixation, C27). A session that this browser had before is continued where it is the
 * same person's, so that its apps stay connected, and ended where it is somebody else's. Undefined when the half
 * session was completed or ended meanwhile.
 */
export async function completeSession(
  platform: Platform,
  actor: Actor,
  { half, previous }: { half: HalfSession; previous?: LiveSession | undefined },
): Promise<{ session: LiveSession; handle: IssuedSecret } | undefined> {
  return inTransaction(platform, async (tx) => {
    if (!(await spendHalfSession(tx, half))) return undefined;
    const secret = newHandle('session', tx.clock.now());
    const mine = previous?.accountId === half.accountId;
    const continued = mine ? await raiseSession(tx, previous.id, secret) : undefined;
    if (continued) await tx.db.browserSession.delete({ where: { id: half.id } });
    else if (previous) await endSession(tx, actor, previous.id);
    const row = continued ?? (await raiseSession(tx, half.id, secret));
    if (!row) throw new Error('a half session that was just spent is gone');
    const details = { accountId: half.accountId, continued: continued !== undefined };
    await recordEvent(
      tx,
      actor,
      'browser-session.completed',
      { kind: 'browser-session', id: row.id },
      details,
    );
    return { session: liveSession(row), handle: { secret } };
  });
}

/**
 * In SQL: the session that a grant `g` is given in has not ended. The lock waits for an end that is under way, so that
 * no grant slips in behind endSession().
 */
export const GRANT_HAS_LIVE_SESSION = `EXISTS (
  SELECT FROM browser_sessions s
  WHERE s.id = g.browser_session_id AND s.account_id = g.account_id AND s.ended_at IS NULL FOR SHARE)`;

/** Ends a session together with the grants that live only as long. False when it had ended before. */
export async function endSession(platform: Platform, actor: Actor, sessionId: string): Promise<boolean> {
  return inTransaction(platform, async (tx) => {
    const { count } = await tx.db.browserSession.updateMany({
      where: { id: sessionId, endedAt: null },
      data: { endedAt: tx.clock.now() },
    });
    if (count === 0) return false;
    const grantsRevoked = await revokeGrantsOfSession(tx, sessionId);
    const target = { kind: 'browser-session', id: sessionId };
    await recordEvent(tx, actor, 'browser-session.ended', target, { grantsRevoked });
    return true;
  });
}

const BATCH = 500;

/** Job: ends what was left unused or has reached its age, and forgets what ended a month ago. */
export async function endIdleSessions(platform: Platform): Promise<number> {
  const { db, clock } = platform;
  const now = clock.now();
  // A half session carries no grants: it is simply forgotten.
  await db.browserSession.deleteMany({ where: { completedAt: null, expiresAt: { lte: now } } });
  let ended = 0;
  for (let batch = await staleSessions(platform); batch.length > 0; batch = await staleSessions(platform)) {
    for (const { id } of batch) await endSession(platform, { kind: 'job', id: 'end-idle-sessions' }, id);
    ended += batch.length;
  }
  await db.browserSession.deleteMany({
    where: { endedAt: { lt: secondsAfter(now, -LIFETIMES.session.absoluteSeconds) } },
  });
  return ended;
}

function staleSessions({ db, clock }: Platform): Promise<{ id: string }[]> {
  const now = clock.now();
  const unused = { lastSeenAt: { lte: secondsAfter(now, -LIFETIMES.session.idleSeconds) } };
  return db.browserSession.findMany({
    where: { endedAt: null, completedAt: { not: null }, OR: [{ expiresAt: { lte: now } }, unused] },
    select: { id: true },
    take: BATCH,
  });
}

function findByHandle({ db }: Platform, handle: unknown): Promise<BrowserSession | null> {
  if (handleKind(handle) !== 'session') return Promise.resolve(null);
  return db.browserSession.findUnique({ where: { digest: digestOf(handle as string) } });
}

/** One conditional statement, so that of two second factors proven at the same time one completes the session. */
async function spendHalfSession({ db, clock }: Platform, half: HalfSession): Promise<boolean> {
  const now = clock.now();
  const { count } = await db.browserSession.updateMany({
    where: { id: half.id, completedAt: null, endedAt: null, expiresAt: { gt: now } },
    data: { completedAt: now },
  });
  return count === 1;
}

/** Records that both factors were proven just now. Never revives a session that has ended. */
async function raiseSession(
  { db, clock }: Platform,
  id: string,
  handle: string,
): Promise<BrowserSession | undefined> {
  const now = clock.now();
  const [row] = await db.browserSession.updateManyAndReturn({
    where: { id, completedAt: { not: null }, endedAt: null },
    data: {
      digest: digestOf(handle),
      authenticatedAt: now,
      acr: 'aal2',
      amr: ['pwd', 'otp', 'mfa'],
      lastSeenAt: now,
      expiresAt: secondsAfter(now, LIFETIMES.session.absoluteSeconds),
    },
  });
  return row;
}

function liveSession({ id, accountId, authenticatedAt, acr, amr, expiresAt }: BrowserSession): LiveSession {
  return { id, accountId, authenticatedAt, acr: acr as LiveSession['acr'], amr, expiresAt };
}
