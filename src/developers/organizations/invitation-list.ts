import { secondsAfter } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';
import { type InvitedTo, invitedTo } from './invitation-kinds.ts';

/** An invitation as members see it; its link is in the letter alone. */
export interface InvitationView {
  readonly id: string;
  readonly email: string;
  readonly to: InvitedTo;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

const MOST_SHOWN = 200;

/** The invitations of an organization that nobody answered yet, the newest first; expired ones can be sent again. */
export async function listInvitations(
  { db }: Platform,
  { organizationId, clientId }: { organizationId: string; clientId?: string },
): Promise<InvitationView[]> {
  const rows = await db.invitation.findMany({
    where: {
      ...{ organizationId, acceptedAt: null, declinedAt: null, withdrawnAt: null },
      ...(clientId === undefined ? { kind: { not: 'tester' } } : { kind: 'tester', clientId }),
    },
    orderBy: { id: 'desc' },
    take: MOST_SHOWN,
  });
  return rows.map((row) => ({ ...row, to: invitedTo(row) }));
}

const KEPT_SECONDS = 30 * 86_400;

/** Job: forgets invitations and the addresses in them a month after their time, whatever became of them. */
export async function sweepInvitations({ db, clock }: Platform): Promise<number> {
  const expiresAt = { lt: secondsAfter(clock.now(), -KEPT_SECONDS) };
  return (await db.invitation.deleteMany({ where: { expiresAt } })).count;
}
