import { randomBytes } from 'node:crypto';
import { type Account, findAccount, isFrozen } from '../accounts/account.ts';
import { holdSession } from '../accounts/sessions/hold-session.ts';
import type { Actor } from '../audit/actor.ts';
import { recordEvent } from '../audit/trail.ts';
import type { AccessInputs } from '../developers/access/access-inputs.ts';
import { byReach, findListedApis, type ListedApi } from '../developers/apis/api-directory.ts';
import type { AccessDecision } from '../developers/access/decide-access.ts';
import {
  decidePersonalAccess,
  listPersonalInputs,
  loadPersonalInputs,
  PERSONAL_TOKENS_CLIENT,
} from '../developers/access/personal-access.ts';
import type { ApiScope } from '../developers/apis/scopes/scopes.ts';
import { epochSeconds, secondsAfter } from '../platform/clock.ts';
import type { IssuedSecret } from '../platform/crypto/secrets.ts';
import { renderLetter } from '../platform/mail/letters.ts';
import { queueLetter } from '../platform/mail/outbox.ts';
import { unlinked } from '../platform/mail/unlinked.ts';
import type { Platform } from '../platform/platform.ts';
import { inTransaction } from '../platform/transaction.ts';
import { endGrants } from '../tokens/grants.ts';
import { type Installation, liveInstallations } from '../tokens/installations.ts';
import { addPersonalToken, personalTokensAllowed } from '../tokens/personal-tokens.ts';
import { keepFresh } from './fresh.ts';

/** Days a token may live: as many as its maker chooses, within these. */
export const TOKEN_DAYS = { least: 1, most: 90 } as const;

/** An API that a person may make tokens for, with the scopes open to them there. */
export interface PersonalApi {
  readonly clientId: string;
  readonly identifier: string;
  readonly name: string;
  readonly organizationName: string;
  readonly scopes: readonly ApiScope[];
}

/** Where a person may use tokens of their own, by name of the API. Empty while the operator forbids them. */
export async function apisForPersonalTokens(platform: Platform, accountId: string): Promise<PersonalApi[]> {
  if (!personalTokensAllowed(platform)) return [];
  const inputs = await listPersonalInputs(platform, accountId);
  return inputs.flatMap((one) => {
    const decision = decide(platform, one);
    return decision.allowed && decision.scopes.length > 0 ? [personalApi(decision)] : [];
  });
}

function decide(platform: Platform, inputs: AccessInputs | undefined): AccessDecision {
  return decidePersonalAccess(inputs, personalTokensAllowed(platform), platform.clock.now());
}

function personalApi({ api, scopes }: Extract<AccessDecision, { allowed: true }>): PersonalApi {
  const { clientId, identifier, name, organizationName } = api;
  const open = byReach(api.scopes.filter((scope) => scopes.includes(scope.name)));
  return { clientId, identifier, name, organizationName, scopes: open };
}

const finders = new WeakMap<Platform['sql'], (key: string) => Promise<AccessInputs | undefined>>();

/** What a person's token may still do at an API, judged as of half a second ago at most: for introspection. */
export async function personalDecision(
  platform: Platform,
  accountId: string,
  resource: string,
): Promise<AccessDecision> {
  let find = finders.get(platform.sql);
  if (!find) {
    find = keepFresh((key) => {
      const [account = '', ...indicator] = key.split(' ');
      return loadPersonalInputs(platform, account, indicator.join(' '));
    });
    finders.set(platform.sql, find);
  }
  return decide(platform, await find(`${accountId} ${resource}`));
}

/** A token as its owner sees it afterwards: never the token itself. */
export type PersonalToken = Pick<Installation, 'id' | 'createdAt' | 'lastUsedAt' | 'expiresAt'> & {
  readonly name: string;
  readonly resource: string;
  readonly scopes: readonly string[];
};

export async function listPersonalTokens(platform: Platform, accountId: string): Promise<PersonalToken[]> {
  const found = await liveInstallations(platform, accountId, PERSONAL_TOKENS_CLIENT);
  return found.map(({ id, createdAt, lastUsedAt, expiresAt, name, scopes: [at] }) => {
    return {
      id,
      createdAt,
      lastUsedAt,
      expiresAt,
      name: name ?? '',
      resource: at?.resource ?? '',
      scopes: at?.scopes ?? [],
    };
  });
}

export type DescribedToken = Omit<PersonalToken, 'scopes'> & {
  /** Undefined where the API is gone. */
  readonly api: ListedApi | undefined;
  /** What it may still do. */
  readonly scopes: readonly ApiScope[];
};

/** The live tokens of a person with what each may do now, newest first. */
export async function describePersonalTokens(
  platform: Platform,
  accountId: string,
): Promise<DescribedToken[]> {
  const tokens = await listPersonalTokens(platform, accountId);
  const apis = await findListedApis(
    platform,
    tokens.map(({ resource }) => resource),
  );
  const open = await apisForPersonalTokens(platform, accountId);
  return tokens.map(({ scopes, ...token }) => {
    const here = open.find(({ identifier }) => identifier === token.resource);
    const still = here?.scopes.filter(({ name }) => scopes.includes(name)) ?? [];
    return { ...token, api: apis.get(token.resource), scopes: still };
  });
}

export interface NewToken {
  readonly accountId: string;
  /** The browser session that asks. */
  readonly sessionId: string;
  /** As cleaned by the page's schema. */
  readonly name: string;
  readonly resource: string;
  readonly scopes: readonly string[];
  readonly days: number;
}

export type TokenCreation =
  | { readonly ok: true; readonly issued: IssuedSecret; readonly expiresAt: Date }
  | { readonly ok: false; readonly reason: 'not-open' | 'frozen' | 'no-scope' | 'too-many' | 'session-over' };

/** Makes an access token for its owner's own use. It leaves here once, in the answer. */
export async function createPersonalToken(
  platform: Platform,
  actor: Actor,
  { accountId, sessionId, name, resource, scopes, days }: NewToken,
): Promise<TokenCreation> {
  return inTransaction(platform, async (tx): Promise<TokenCreation> => {
    // Whoever ends this session, because it was stolen, leaves no token of it behind.
    if (!(await holdSession(tx, sessionId))) return { ok: false, reason: 'session-over' };
    const decision = decide(tx, await loadPersonalInputs(tx, accountId, resource));
    const account = await findAccount(tx, accountId);
    if (await isFrozen(tx, accountId)) return { ok: false, reason: 'frozen' };
    if (!decision.allowed || !account) return { ok: false, reason: 'not-open' };
    const granted = decision.scopes.filter((scope) => scopes.includes(scope));
    if (granted.length === 0) return { ok: false, reason: 'no-scope' };
    if (granted.length < new Set(scopes).size) return { ok: false, reason: 'not-open' };
    const { identifier } = decision.api;
    const grantId = randomBytes(32).toString('base64url');
    const expiresAt = secondsAfter(tx.clock.now(), days * DAY);
    const payloads = payloadsOf(tx, {
      grantId,
      accountId,
      audience: identifier,
      scope: granted.join(' '),
      expiresAt,
    });
    const whose = { grantId, accountId, clientId: PERSONAL_TOKENS_CLIENT };
    const issued = await addPersonalToken(tx, { ...whose, name, expiresAt, ...payloads });
    if (!issued) return { ok: false, reason: 'too-many' };
    // Without its name: the trail outlives the account, and what somebody wrote does not.
    const details = {
      account: accountId,
      api: identifier,
      scopes: granted,
      until: expiresAt.toISOString(),
    };
    await recordEvent(tx, actor, 'personal-token.created', { kind: 'grant', id: grantId }, details);
    await tellOfToken(tx, account, { api: decision.api.name, days });
    return { ok: true, issued, expiresAt };
  });
}

const DAY = 86_400;

/** The name that the token was given stays out: the letter is for the case that somebody else gave it. */
async function tellOfToken(
  tx: Platform,
  { email, locale }: Account,
  { api, days }: { api: string; days: number },
): Promise<void> {
  const data = { api: unlinked(api), days, tokensAddress: `${tx.config.issuer}/account/tokens` };
  await queueLetter(tx, { to: email, ...renderLetter(tx, 'personal-token-created', data, locale) });
}

/** Grant and token as the engine would have stored them, so that everything that reads a token reads these. */
function payloadsOf(
  { clock }: Platform,
  of: { grantId: string; accountId: string; audience: string; scope: string; expiresAt: Date },
) {
  const { grantId, accountId, audience, scope, expiresAt } = of;
  const shared = {
    iat: epochSeconds(clock.now()),
    exp: epochSeconds(expiresAt),
    accountId,
    clientId: PERSONAL_TOKENS_CLIENT,
  };
  return {
    grantPayload: { ...shared, kind: 'Grant', resources: { [audience]: scope } },
    tokenPayload: { ...shared, kind: 'AccessToken', grantId, gty: 'personal_token', aud: audience, scope },
  };
}

/** Ends a token at once. False where the account has no such token, whosever it is. */
export async function revokePersonalToken(
  platform: Platform,
  actor: Actor,
  { accountId, id }: { accountId: string; id: string },
): Promise<boolean> {
  return inTransaction(platform, async (tx) => {
    const ended = await endGrants(tx, { id, accountId, clientId: PERSONAL_TOKENS_CLIENT });
    if (ended === 0) return false;
    await recordEvent(tx, actor, 'personal-token.revoked', { kind: 'grant', id }, { account: accountId });
    return true;
  });
}
