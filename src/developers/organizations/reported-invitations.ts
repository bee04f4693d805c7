import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { invitedTo, stillOpen } from './invitation-kinds.ts';
import { detailsOf } from './invitations.ts';

/** Takes back an invitation whose link somebody found in public. False where it was answered or over before. */
export async function withdrawReportedInvitation(
  tx: Platform,
  actor: Actor,
  digest: Buffer<ArrayBuffer>,
): Promise<boolean> {
  const now = tx.clock.now();
  const [row] = await tx.db.invitation.updateManyAndReturn({
    where: { digest, ...stillOpen(now) },
    data: { withdrawnAt: now },
  });
  if (!row) return false;
  const target = { kind: 'organization', id: row.organizationId };
  const details = { ...detailsOf(row.id, invitedTo(row)), reported: true };
  await recordEvent(tx, actor, 'invitation.withdrawn', target, details);
  return true;
}
