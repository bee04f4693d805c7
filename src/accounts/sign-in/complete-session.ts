import type { BrowserSession } from '../../../prisma/generated/client.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { secondsAfter } from '../../platform/clock.ts';
import { digestOf, type IssuedSecret, newHandle } from '../../platform/crypto/secrets.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { LIFETIMES } from '../../tokens/lifetimes.ts';
import { endSession, type HalfSession, type LiveSession, liveSession } from '../sessions/sessions.ts';
import { type Acr, afterwards, type CompletingFactor, strengthOf } from './strength.ts';

/** What the visit that leads here demanded; see SignInTicket. */
export interface SignInDemand {
  /** Only this account may complete the sign-in. */
  readonly accountId?: string | undefined;
  /** The strength a step-up is for. */
  readonly acr?: Acr | undefined;
  /** The client that asked for the step-up. */
  readonly clientId?: string | undefined;
}

export interface Completion {
  readonly half: HalfSession;
  /** The completed session that this browser had before, if any. */
  readonly previous?: LiveSession | undefined;
  readonly factor: CompletingFactor;
  readonly demand?: SignInDemand | undefined;
}

/**
 * Turns a half session into a complete one, under a new handle: what a browser held before both factors were proven
 * is worth nothing afterwards (fixation, C27). A session that this browser had before is continued where it is the
 * same person's, so that its apps stay connected, and ended where it is somebody else's. Undefined when the half
 * session was completed or ended meanwhile, or is another person's than the visit demands.
 */
export async function completeSession(
  platform: Platform,
  actor: Actor,
  { half, previous, factor, demand }: Completion,
): Promise<{ session: LiveSession; handle: IssuedSecret } | undefined> {
  if (demand?.accountId !== undefined && demand.accountId !== half.accountId) return undefined;
  return inTransaction(platform, async (tx) => {
    if (!(await spendHalfSession(tx, half))) return undefined;
    const secret = newHandle('session', tx.clock.now());
    const mine = previous?.accountId === half.accountId ? previous : undefined;
    const continued = mine && (await raiseSession(tx, { id: mine.id, before: mine, secret, factor, demand }));
    if (continued) await tx.db.browserSession.delete({ where: { id: half.id } });
    else if (previous) await endSession(tx, actor, previous.id);
    const row = continued ?? (await raiseSession(tx, { id: half.id, secret, factor, demand }));
    if (!row) throw new Error('a half session that was just spent is gone');
    const { accountId } = half;
    const details = { accountId, continued: continued !== undefined, factor };
    const target = { kind: 'browser-session', id: row.id };
    await recordEvent(tx, actor, 'browser-session.completed', target, details);
    return { session: liveSession(row), handle: { secret } };
  });
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

interface Raising {
  readonly id: string;
  /** The session as it stood, where one is continued. */
  readonly before?: LiveSession;
  readonly secret: string;
  readonly factor: CompletingFactor;
  readonly demand: SignInDemand | undefined;
}

/** Records what was proven just now. Never revives a session that has ended. */
async function raiseSession(
  { db, clock }: Platform,
  { id, before, secret, factor, demand }: Raising,
): Promise<BrowserSession | undefined> {
  const now = clock.now();
  const stepUp = demand?.acr ? { by: demand.clientId ?? null } : undefined;
  const proven = strengthOf(factor);
  const { base, raise } = before ? afterwards(before, proven, { stepUp, at: now }) : { base: proven };
  const [row] = await db.browserSession.updateManyAndReturn({
    where: { id, completedAt: { not: null }, endedAt: null },
    data: {
      digest: digestOf(secret),
      authenticatedAt: now,
      acr: base.acr,
      amr: [...base.amr],
      raisedAcr: raise?.acr ?? null,
      raisedAmr: [...(raise?.amr ?? [])],
      raisedAt: raise?.at ?? null,
      raisedFor: raise?.by ?? null,
      lastSeenAt: now,
      expiresAt: secondsAfter(now, LIFETIMES.session.absoluteSeconds),
    },
  });
  return row;
}
