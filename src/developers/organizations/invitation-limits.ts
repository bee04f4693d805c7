import { secondsAfter } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { type InvitationKind, stillOpen } from './invitation-kinds.ts';

export const INVITATIONS_A_DAY = 20;
/** From any organization: nobody's mailbox is filled by way of us. */
export const INVITATIONS_TO_ONE_A_DAY = 5;
export const TESTERS_BEFORE_LIVE = 10;
export const TESTERS_ONCE_LIVE = 100;

interface Wish {
  readonly organizationId: string;
  readonly kind: InvitationKind;
  readonly emailKey: string;
}

/**
 * Whether one more invitation may be sent. Counted behind holdOrganization, so that of several at once no more come
 * through than there is room for. Every invitation counts, whatever became of it.
 */
export async function judgeLimits(
  tx: Platform,
  { organizationId, kind, emailKey }: Wish,
): Promise<{ readonly ok: true } | Refused<'limit'>> {
  const createdAt = { gt: secondsAfter(tx.clock.now(), -86_400) };
  if ((await tx.db.invitation.count({ where: { organizationId, createdAt } })) >= INVITATIONS_A_DAY) {
    return refused(
      'limit',
      `An organization sends ${INVITATIONS_A_DAY} invitations a day, and these are sent. Try again tomorrow.`,
    );
  }
  // Other organizations may be writing to the same address at this moment.
  await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`invitations to ${emailKey}`}, 0))`;
  if ((await tx.db.invitation.count({ where: { emailKey, createdAt } })) >= INVITATIONS_TO_ONE_A_DAY) {
    return refused('limit', 'This address got several invitations today. Try again tomorrow.');
  }
  return kind === 'tester' ? judgeTesters(tx, organizationId) : { ok: true };
}

async function judgeTesters(
  tx: Platform,
  organizationId: string,
): Promise<{ readonly ok: true } | Refused<'limit'>> {
  const live = await tx.db.client.count({ where: { organizationId, stage: 'live', suspendedAt: null } });
  const most = live > 0 ? TESTERS_ONCE_LIVE : TESTERS_BEFORE_LIVE;
  const invited = { organizationId, kind: 'tester', ...stillOpen(tx.clock.now()) };
  const waiting = await tx.db.invitation.count({ where: invited });
  const there = await tx.db.clientTester.count({ where: { client: { organizationId } } });
  if (waiting + there < most) return { ok: true };
  const more = live > 0 ? '' : ` Once an app of yours is live it may have ${TESTERS_ONCE_LIVE}.`;
  return refused(
    'limit',
    `Your organization has ${most} testers, invited or accepted. Remove one first.${more}`,
  );
}
