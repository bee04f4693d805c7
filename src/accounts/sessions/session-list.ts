import type { Actor } from '../../audit/actor.ts';
import { secondsAfter } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { LIFETIMES } from '../../tokens/lifetimes.ts';
import { endSession } from './sessions.ts';

/** A browser in which a person is signed in, as they see it themselves. */
export interface ListedSession {
  readonly id: string;
  readonly userAgent: string;
  readonly address: string;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
}

export interface SessionPage {
  readonly sessions: readonly ListedSession[];
  /** Pass it as `before` for the ones that began earlier; undefined on the last page. */
  readonly next: string | undefined;
}

const PAGE = 50;
const LISTED = { id: true, userAgent: true, address: true, createdAt: true, lastSeenAt: true } as const;

/** The sessions in which this account is signed in, the ones that began last first, from after the one named `before`. */
export async function listSessions(
  platform: Platform,
  accountId: string,
  { before }: { before?: string | undefined } = {},
): Promise<SessionPage> {
  const rows = await platform.db.browserSession.findMany({
    where: { accountId, ...live(platform), ...(before && { id: { lt: before } }) },
    select: LISTED,
    orderBy: { id: 'desc' },
    take: PAGE + 1,
  });
  const sessions = rows.slice(0, PAGE);
  return { sessions, next: rows.length > PAGE ? sessions.at(-1)?.id : undefined };
}

/** One session of the account; undefined where it is somebody else's, as where there is none. */
export async function findSessionOf(
  platform: Platform,
  accountId: string,
  sessionId: string,
): Promise<ListedSession | undefined> {
  const row = await platform.db.browserSession.findFirst({
    where: { id: sessionId, accountId, ...live(platform) },
    select: LISTED,
  });
  return row ?? undefined;
}

/** Sessions of this account by their ids, those that are over too unless `onlyLive`, as long as we remember them. */
export async function findSessions(
  platform: Platform,
  accountId: string,
  { ids, onlyLive = false }: { ids: readonly string[]; onlyLive?: boolean },
): Promise<ReadonlyMap<string, ListedSession>> {
  const rows = await platform.db.browserSession.findMany({
    where: { accountId, id: { in: [...new Set(ids)] }, ...(onlyLive && live(platform)) },
    select: LISTED,
  });
  return new Map(rows.map((row) => [row.id, row]));
}

/** Ends one session of the account. False where it is over, somebody else's or unknown, which nobody can tell apart. */
export async function endSessionOf(
  platform: Platform,
  actor: Actor,
  { accountId, sessionId }: { accountId: string; sessionId: string },
): Promise<boolean> {
  return inTransaction(platform, async (tx) => {
    const mine = await tx.db.browserSession.count({ where: { id: sessionId, accountId } });
    return mine === 1 && endSession(tx, actor, sessionId);
  });
}

/** How many other sessions than this one the account is signed in with. */
export async function countOtherSessions(
  platform: Platform,
  { id, accountId }: { id: string; accountId: string },
): Promise<number> {
  return platform.db.browserSession.count({ where: { accountId, id: { not: id }, ...live(platform) } });
}

/** What loadSession() would let in. */
function live({ clock }: Platform) {
  const now = clock.now();
  return {
    completedAt: { not: null },
    endedAt: null,
    expiresAt: { gt: now },
    lastSeenAt: { gt: secondsAfter(now, -LIFETIMES.session.idleSeconds) },
  };
}
