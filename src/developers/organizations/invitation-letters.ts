import { findAccount, findAccountByAddress } from '../../accounts/account.ts';
import type { Address } from '../../accounts/addresses.ts';
import { renderLetter } from '../../platform/mail/letters.ts';
import { queueLetter } from '../../platform/mail/outbox.ts';
import { unlinked } from '../../platform/mail/unlinked.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Words } from '../../platform/words/text-keys.ts';
import { INVITATION_DAYS, type InvitedTo } from './invitation-kinds.ts';

interface Letter {
  readonly secret: string;
  readonly organizationId: string;
  readonly invitedBy: string;
  readonly address: Address;
  readonly to: InvitedTo;
}

/** In the language of the account at that address, where there is one: whoever invites sees no letter. */
export async function sendInvitationLetter(tx: Platform, letter: Letter): Promise<void> {
  const { secret, organizationId, invitedBy, address, to } = letter;
  const { name } = await tx.db.organization.findUniqueOrThrow({ where: { id: organizationId } });
  const inviter = await findAccount(tx, invitedBy);
  const invited = await findAccountByAddress(tx, address.email);
  const app = to.kind === 'tester' ? await tx.db.client.findUnique({ where: { id: to.clientId } }) : null;
  const names = {
    organization: unlinked(name),
    inviter: unlinked(inviter?.name ?? ''),
    app: unlinked(app?.name ?? ''),
  };
  const data = {
    what: whatOf(to, names),
    address: `${tx.config.issuer}/invitations/${secret}`,
    days: INVITATION_DAYS,
  };
  const text = renderLetter(tx, 'organization-invitation', data, invited?.locale);
  await queueLetter(tx, { to: address.email, ...text });
}

/** What somebody is invited to, in one sentence. */
export function whatOf(
  to: InvitedTo,
  { organization, inviter, app }: { organization: string; inviter: string; app: string },
): Words {
  if (to.kind === 'tester') return { key: 'invitations.to-test', values: { organization, inviter, app } };
  if (to.kind === 'transfer') return { key: 'invitations.to-own', values: { organization, inviter } };
  return { key: 'invitations.to-join', values: { organization, inviter } };
}
