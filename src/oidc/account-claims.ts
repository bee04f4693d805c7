import type { Account, Client, KoaContextWithOIDC } from 'oidc-provider';
import { findAccount } from '../accounts/account.ts';
import { epochSeconds } from '../platform/clock.ts';
import { keyedDigest } from '../platform/crypto/secrets.ts';
import type { Platform } from '../platform/platform.ts';
import { sectorOf } from '../developers/clients/registered-client.ts';
import { registered } from './registered-clients.ts';
import { currentScope } from './request-scope.ts';

/** Which claims a scope brings (OpenID Connect Core §5.4); nothing we do not hold is promised. */
export const CLAIMS = {
  openid: ['sub', 'acr', 'amr', 'auth_time'],
  profile: ['name', 'updated_at'],
  email: ['email', 'email_verified'],
};

/** The person behind an account id, as the engine wants it; undefined once the account is gone, or about to go. */
export async function accountForEngine(platform: Platform, accountId: string): Promise<Account | undefined> {
  const account = await findAccount(platform, accountId);
  if (!account || account.closesAt) return undefined;
  return {
    accountId: account.id,
    claims: () => ({
      sub: account.id,
      name: account.name,
      updated_at: epochSeconds(account.updatedAt),
      email: account.email,
      email_verified: account.emailVerified,
    }),
  };
}

/** The subject a sector (an organization, or a sponsored app) sees for an account: different for every other (decision 9). */
export function subjectFor({ vault }: Platform, accountId: string, sector: string): string {
  return keyedDigest(vault.secret('pairwise-subject'), sector, accountId).toString('base64url');
}

/** At introspection it is the caller's organization that reads the answer, elsewhere the client's. */
export function subjectInRequest(
  platform: Platform,
  ctx: KoaContextWithOIDC | undefined,
  accountId: string,
  client: Client,
): string {
  const reader = ctx?.oidc?.route === 'introspection' && ctx.oidc.client ? ctx.oidc.client : client;
  const subject = subjectFor(platform, accountId, sectorOf(registered(reader)));
  currentScope().noted.subject = subject;
  return subject;
}
