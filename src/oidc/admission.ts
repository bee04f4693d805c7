import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { type FencedAccount, findAccount } from '../accounts/account.ts';
import type { RegisteredClient } from '../developers/clients/registered-client.ts';
import { mayUseInDevelopment } from '../developers/clients/testers.ts';
import type { Platform } from '../platform/platform.ts';
import { registered } from './registered-clients.ts';

/** Why an app is closed to a person, whatever they would allow it. */
export type ClosedReason = 'other-trust-domain' | 'in-development';

/** For the app: what went wrong and whom to ask. */
export const CLOSED: Readonly<Record<ClosedReason, string>> = {
  'other-trust-domain':
    'This person does not belong to the trust domain of this app. An operator can add the account to it.',
  'in-development':
    'This app is in development: members of its organization and invited testers alone may use it. Invite this person as a tester, or go live.',
};

type Fenced = Pick<RegisteredClient, 'id' | 'stage' | 'trustDomainId'>;

/** Undefined where the app is open to the person. A live app costs no statement beyond the one that found the account. */
export async function closedTo(
  platform: Platform,
  { id, trustDomains }: Pick<FencedAccount, 'id' | 'trustDomains'>,
  client: Fenced,
): Promise<ClosedReason | undefined> {
  if (!trustDomains.includes(client.trustDomainId)) return 'other-trust-domain';
  if (client.stage !== 'development') return undefined;
  return (await mayUseInDevelopment(platform, client.id, id)) ? undefined : 'in-development';
}

/** The same at a page, where the account is not at hand. */
export async function closedToAccount(
  platform: Platform,
  accountId: string,
  client: Fenced,
): Promise<ClosedReason | undefined> {
  const account = await findAccount(platform, accountId);
  return account && closedTo(platform, account, client);
}

/**
 * For a code, a refresh token or userinfo: throws where the app has been closed to the person since. At authorization
 * the prompts judge it (interaction/policy.ts), because there the person is told as well.
 */
export async function refuseIfClosed(
  platform: Platform,
  { oidc }: KoaContextWithOIDC,
  account: FencedAccount,
): Promise<void> {
  if (!oidc.client || AUTHORIZING.has(oidc.route)) return;
  const reason = await closedTo(platform, account, registered(oidc.client));
  if (!reason) return;
  if (oidc.route === 'userinfo') throw new errors.InvalidToken(CLOSED[reason]);
  throw new errors.CustomOIDCProviderError('invalid_grant', CLOSED[reason]);
}

const AUTHORIZING: ReadonlySet<string> = new Set(['authorization', 'resume']);

/**
 * Whether an app in development still has the person of a token among its own, for introspection. Of trust domains
 * nothing is asked: whoever leaves one loses every grant at that moment, and so does an app that is moved.
 */
export async function stillTests(
  platform: Platform,
  { accountId, clientId }: { readonly clientId: string; readonly accountId: string | undefined },
  stage: string | undefined,
): Promise<boolean> {
  if (stage !== 'development' || accountId === undefined) return true;
  return mayUseInDevelopment(platform, clientId, accountId);
}
