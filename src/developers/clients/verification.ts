import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { judgeHost } from '../organizations/host-names.ts';
import { hostIsProven } from '../organizations/hosts.ts';
import type { ClientView } from './client.ts';
import { type AppOf, holdApp, NO_APP } from './hold-app.ts';
import { askReview } from './reviews.ts';

export type VerificationAsked = { readonly ok: true } | Refused<'client' | 'host'>;

/** Asks an operator to look who publishes an app. The organization has to have proven the host that people will read. */
export async function askVerification(
  platform: Platform,
  actor: Actor & { kind: 'account' },
  { host: raw, ...of }: AppOf & { readonly host: string },
): Promise<VerificationAsked> {
  const judged = judgeHost(raw);
  if (!judged.ok) return refused('host', judged.sentence);
  const { host } = judged;
  return inTransaction(platform, async (tx): Promise<VerificationAsked> => {
    const app = await holdApp(tx, of);
    if (!app) return NO_APP;
    if (!(await hostIsProven(tx, of.organizationId, host))) return NOT_PROVEN;
    await askReview(tx, actor, { clientId: app.id, kind: 'publisher', wishes: { host } });
    return { ok: true };
  });
}

/** Part of an operator's decision, which holds the app: its publisher is who holds this host. */
export async function verifyPublisher(
  tx: Platform,
  actor: Actor,
  { id, organizationId }: ClientView,
  host: string,
): Promise<VerificationAsked> {
  if (!(await hostIsProven(tx, organizationId, host))) return NOT_PROVEN;
  const verified = { verifiedAt: tx.clock.now(), verifiedHost: host };
  await tx.db.client.updateMany({
    where: { id, organizationId },
    data: { ...verified, updatedAt: tx.clock.now() },
  });
  await recordEvent(tx, actor, 'client.verified', { kind: 'client', id }, { host });
  return { ok: true };
}

/**
 * Part of a change that takes a host from an organization: nobody is its verified publisher any more, because whoever
 * holds the host now would be read beside the app.
 */
export async function loseVerifications(tx: Platform, actor: Actor, organizationId: string): Promise<void> {
  const where = { organizationId, verifiedHost: { not: null } };
  const verified = await tx.db.client.findMany({ where, select: { id: true, verifiedHost: true } });
  for (const { id, verifiedHost } of verified) {
    if (verifiedHost === null || (await hostIsProven(tx, organizationId, verifiedHost))) continue;
    await tx.db.client.updateMany({
      where: { id, organizationId, verifiedHost },
      data: { verifiedAt: null, verifiedHost: null, updatedAt: tx.clock.now() },
    });
    await recordEvent(tx, actor, 'client.verification-lost', { kind: 'client', id });
  }
}

const NOT_PROVEN = refused(
  'host',
  'The organization has not proven this host. Prove it first, among its hosts.',
);
