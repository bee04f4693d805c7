import { findAccount } from '../accounts/account.ts';
import type { Actor } from '../audit/actor.ts';
import { findClient } from '../developers/clients/client.ts';
import { renderLetter } from '../platform/mail/letters.ts';
import { queueLetter } from '../platform/mail/outbox.ts';
import { unlinked } from '../platform/mail/unlinked.ts';
import type { Platform } from '../platform/platform.ts';
import { inTransaction } from '../platform/transaction.ts';
import { giveConsent, liveConsents, type Parties } from '../tokens/consents.ts';

/** Gives a consent, and tells the person where it is the only one the app has: somebody else may have given it. */
export async function connectApp(
  platform: Platform,
  actor: Actor,
  consent: Parameters<typeof giveConsent>[2],
): Promise<void> {
  await inTransaction(platform, async (tx) => {
    const before = await liveConsents(tx, consent.accountId, consent.clientId);
    await giveConsent(tx, actor, consent);
    if (before.length === 0) await tellOfNewApp(tx, consent);
  });
}

/** Tells a person that an app was let in to their account. Part of the change that lets it in. */
async function tellOfNewApp(tx: Platform, parties: Parties): Promise<void> {
  const found = await readerAndApp(tx, parties);
  if (!found) return;
  const { to, locale, ...data } = found;
  await queueLetter(tx, { to, ...renderLetter(tx, 'app-connected', data, locale) });
}

/** Tells a person that a connection of an app was ended, because its refresh token was used twice. */
export async function tellOfReuse(tx: Platform, parties: Parties): Promise<void> {
  const found = await readerAndApp(tx, parties);
  if (!found) return;
  const { to, locale, ...data } = found;
  await queueLetter(tx, { to, ...renderLetter(tx, 'refresh-token-reused', data, locale) });
}

async function readerAndApp(tx: Platform, { accountId, clientId }: Parties) {
  const account = await findAccount(tx, accountId);
  const client = await findClient(tx, clientId);
  if (!account || !client) return undefined;
  return {
    to: account.email,
    locale: account.locale,
    app: unlinked(client.name),
    organization: unlinked(client.organizationName),
    appsAddress: `${tx.config.issuer}/account/apps`,
  };
}
