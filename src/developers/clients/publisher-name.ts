import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { needsApproval, withdrawReviews } from './reviews.ts';

/**
 * Whether an organization may not rename itself: where an operator approves how live apps look, that includes who
 * offers them, which people read beside the app's own name.
 */
export async function renamingNeedsOperator(platform: Platform, organizationId: string): Promise<boolean> {
  if (!needsApproval(platform)) return false;
  return (await platform.db.client.count({ where: { organizationId, stage: 'live' }, take: 1 })) > 0;
}

/** After an organization was renamed: people are asked again, and nobody is a verified publisher under another name. */
export async function presentAnew(tx: Platform, actor: Actor, organizationId: string): Promise<void> {
  const now = tx.clock.now();
  const verified = await tx.db.client.findMany({
    where: { organizationId, verifiedAt: { not: null } },
    select: { id: true },
  });
  await tx.db.client.updateMany({
    where: { organizationId },
    data: { presentedSince: now, updatedAt: now, verifiedAt: null, verifiedHost: null },
  });
  for (const { id } of verified) {
    await recordEvent(tx, actor, 'client.verification-lost', { kind: 'client', id });
  }
  const waiting = await tx.db.clientReview.findMany({
    where: { kind: 'publisher', outcome: null, client: { organizationId } },
    select: { clientId: true },
  });
  for (const { clientId } of waiting) await withdrawReviews(tx, clientId, 'publisher');
}
