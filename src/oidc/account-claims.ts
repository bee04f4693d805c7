import type { Account, Client, KoaContextWithOIDC } from 'oidc-provider';
import { type FencedAccount, findAccount } from '../accounts/account.ts';
import { epochSeconds } from '../platform/clock.ts';
import { keyedDigest } from '../platform/crypto/secrets.ts';
import type { Platform } from '../platform/platform.ts';
import { sectorOf } from '../developers/clients/registered-client.ts';
import { refuseIfClosed } from './admission.ts';
import { registered } from './registered-clients.ts';
import { currentScope } from './request-scope.ts';

/** Which claims a scope brings (OpenID Connect Core §5.4); nothing we do not hold is promised. */
export const CLAIMS = {
  openid: ['sub', 'acr', 'amr', 'auth_time'],
  profile: ['name', 'updated_at'],
  email: ['email', 'email_verified'],
};

const fenced = new WeakMap<Account, FencedAccount>();

/** What we know of an account beyond what the engine needs. */
export function fencedAccount(account: Account): FencedAccount {
  const found = fenced.get(account);
  if (!found) throw new Error('this account was not loaded by account-claims.ts');
  return found;
}

/**
 * The person behind an account id, as the engine wants it; undefined once the account is gone, or about to go. Throws
 * where a token is asked for or used whose app has been closed to them.
 */
export async function accountForEngine(
  platform: Platform,
  ctx: KoaContextWithOIDC,
  accountId: string,
): Promise<Account | undefined> {
  const found = await findAccount(platform, accountId);
  if (!found || found.closesAt) return undefined;
  await refuseIfClosed(platform, ctx, found);
  const account = engineAccount(found);
  fenced.set(account, found);
  return account;
}

function engineAccount(account: FencedAccount): Account {
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
