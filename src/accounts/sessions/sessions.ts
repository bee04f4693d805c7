import { type BrowserSession, Prisma } from '../../../prisma/generated/client.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { accountIsSuspended } from '../../defense/suspensions/in-force.ts';
import { secondsAfter } from '../../platform/clock.ts';
import { digestOf, handleKind, type IssuedSecret, newHandle } from '../../platform/crypto/secrets.ts';
import type { Statement } from '../../platform/database/statements.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { LIFETIMES } from '../../tokens/lifetimes.ts';
import { revokeGrantsOfSession } from '../../tokens/revocation.ts';
import type { Acr, Raise } from '../sign-in/strength.ts';
import { domainIdsOf } from '../trust-domains.ts';

/** A browser that is signed in. `authenticatedAt` is when its person last proved who they are. */
export interface LiveSession {
  readonly id: string;
  readonly accountId: string;
  readonly authenticatedAt: Date;
  readonly acr: Acr;
  readonly amr: readonly string[];
  /** What a step-up added; strengthFor() says who may see it. */
  readonly raise?: Raise | undefined;
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

/** A completed session, and whether its account is suspended: then it counts for nothing but to say so. */
export interface SessionFound {
  readonly session: LiveSession;
  readonly suspended: boolean;
}

/** The session behind a cookie value, as findSession() says, unless its account is suspended. */
export async function loadSession(platform: Platform, handle: unknown): Promise<LiveSession | undefined> {
  const found = await findSession(platform, handle);
  return found?.suspended ? undefined : found?.session;
}

/** The completed session behind a cookie value: not ended, used within a day, begun within thirty; or what its account's trust domains want. */
export async function findSession(platform: Platform, handle: unknown): Promise<SessionFound | undefined> {
  const row = await findByHandle(platform, handle);
  const now = platform.clock.now();
  if (!row?.completedAt || row.endedAt) return undefined;
  const { idleSeconds, expiresAt } = withinItsDomains(row);
  if (expiresAt <= now || secondsAfter(row.lastSeenAt, idleSeconds) <= now) return undefined;
  if (secondsAfter(row.lastSeenAt, TOUCH_SECONDS) <= now) {
    await platform.db.browserSession.updateMany({
      where: { id: row.id, endedAt: null },
      data: { lastSeenAt: now },
    });
  }
  return { session: liveSession({ ...row, expiresAt }), suspended: row.suspended };
}

/** A session is as short as the strictest of its account's trust domains wants it, also where that was decided later. */
function withinItsDomains({ authenticatedAt, expiresAt, idleMinutes, hours }: FoundSession) {
  const end = hours === null ? expiresAt : secondsAfter(authenticatedAt, hours * 3600);
  return {
    expiresAt: end < expiresAt ? end : expiresAt,
    idleSeconds: idleMinutes === null ? LIFETIMES.session.idleSeconds : idleMinutes * 60,
  };
}

export async function loadHalfSession(platform: Platform, handle: unknown): Promise<HalfSession | undefined> {
  const row = await findByHandle(platform, handle);
  if (!row || row.completedAt || row.endedAt || row.expiresAt <= platform.clock.now()) return undefined;
  return { id: row.id, accountId: row.accountId, expiresAt: row.expiresAt };
}

/** A half session and the handle that its browser gets. */
export interface BegunSession extends IssuedSecret {
  readonly half: HalfSession;
}

/** Begins a half session: the password is proven, the second factor is not. */
export async function startSession(
  platform: Platform,
  actor: Actor,
  { accountId, origin }: { accountId: string; origin: Origin },
): Promise<BegunSession> {
  return inTransaction(platform, async (tx) => {
    const now = tx.clock.now();
    const secret = newHandle('session', now);
    const id = newId();
    const expiresAt = secondsAfter(now, HALF_SESSION_SECONDS);
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
        expiresAt,
        userAgent: origin.userAgent.slice(0, LONGEST_USER_AGENT),
        address: origin.address,
      },
    });
    await recordEvent(tx, actor, 'browser-session.started', { kind: 'browser-session', id }, { accountId });
    return { secret, half: { id, accountId, expiresAt } };
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

/** Ends every session of an account but `except`, or the half ones alone. Answers how many. */
export async function endSessionsOfAccount(
  platform: Platform,
  actor: Actor,
  {
    accountId,
    except,
    only = 'all',
  }: { accountId: string; except?: string | undefined; only?: 'all' | 'half' },
): Promise<number> {
  return inTransaction(platform, async (tx) => {
    const half = only === 'half' && { completedAt: null };
    const open = await tx.db.browserSession.findMany({
      where: { accountId, endedAt: null, ...(except && { id: { not: except } }), ...half },
      select: { id: true },
    });
    for (const { id } of open) await endSession(tx, actor, id);
    return open.length;
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

async function staleSessions({ db, clock }: Platform): Promise<{ id: string }[]> {
  const now = clock.now();
  const unused = { lastSeenAt: { lte: secondsAfter(now, -LIFETIMES.session.idleSeconds) } };
  const stale = await db.browserSession.findMany({
    where: { endedAt: null, completedAt: { not: null }, OR: [{ expiresAt: { lte: now } }, unused] },
    select: { id: true },
    take: BATCH,
  });
  if (stale.length > 0) return stale;
  return db.$queryRaw`
    SELECT s.id::text FROM trust_domains d
      JOIN browser_sessions s ON d.id = ANY(${Prisma.raw(domainIdsOf('s.account_id'))})
     WHERE (d.session_idle_minutes IS NOT NULL OR d.session_hours IS NOT NULL)
       AND s.ended_at IS NULL AND s.completed_at IS NOT NULL
       AND (s.last_seen_at <= ${now}::timestamptz - make_interval(mins => d.session_idle_minutes)
         OR s.authenticated_at <= ${now}::timestamptz - make_interval(hours => d.session_hours))
     LIMIT ${BATCH}`;
}

type SessionRow = Pick<
  BrowserSession,
  | ('id' | 'accountId' | 'authenticatedAt' | 'acr' | 'amr' | 'expiresAt' | 'completedAt' | 'endedAt')
  | ('lastSeenAt' | 'raisedAcr' | 'raisedAmr' | 'raisedAt' | 'raisedFor')
>;

/** With the shortest lengths that the trust domains of its account want. */
interface FoundSession extends SessionRow {
  readonly suspended: boolean;
  readonly idleMinutes: number | null;
  readonly hours: number | null;
}

/** Every page and every authorization asks for it, so it is a named statement: a tenth of what the typed client costs. */
const FIND: Statement = {
  name: 'find_session',
  reads: true,
  text: `SELECT id, account_id AS "accountId", authenticated_at AS "authenticatedAt", acr, amr, expires_at AS "expiresAt",
      completed_at AS "completedAt", ended_at AS "endedAt", last_seen_at AS "lastSeenAt", raised_acr AS "raisedAcr",
      raised_amr AS "raisedAmr", raised_at AS "raisedAt", raised_for AS "raisedFor", shortest.*,
      ${accountIsSuspended('browser.account_id', '$2')} AS suspended
    FROM browser_sessions browser CROSS JOIN LATERAL (
      SELECT min(d.session_idle_minutes) AS "idleMinutes", min(d.session_hours) AS hours FROM trust_domains d
       WHERE d.id = ANY(${domainIdsOf('browser.account_id')})) shortest
    WHERE digest = $1`,
};

async function findByHandle({ sql, clock }: Platform, handle: unknown): Promise<FoundSession | undefined> {
  if (handleKind(handle) !== 'session') return undefined;
  const [row] = await sql.run<FoundSession>(FIND, [digestOf(handle as string), clock.now()]);
  return row;
}

export function liveSession(row: SessionRow): LiveSession {
  const { id, accountId, authenticatedAt, acr, amr, expiresAt, raisedAcr, raisedAmr, raisedAt } = row;
  const raise: Raise | undefined =
    raisedAcr && raisedAt
      ? { acr: raisedAcr as Acr, amr: raisedAmr, at: raisedAt, by: row.raisedFor }
      : undefined;
  return { id, accountId, authenticatedAt, acr: acr as Acr, amr, expiresAt, ...(raise && { raise }) };
}
