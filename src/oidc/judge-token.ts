import type { AccessToken, Client, ClientCredentials, RefreshToken } from 'oidc-provider';
import { type AccessDecision, decideAccess } from '../developers/access/decide-access.ts';
import { PERSONAL_TOKENS_CLIENT } from '../developers/access/personal-access.ts';
import type { InactiveReason } from '../developers/insights/call-facts.ts';
import type { Platform } from '../platform/platform.ts';
import { stillTests } from './admission.ts';
import { personalDecision } from './personal-tokens.ts';
import { registered } from './registered-clients.ts';
import { currentScope } from './request-scope.ts';
import { accessInputs } from './resource-servers.ts';
import { mayReach, type PresentedToken, scopesThatHold } from './token-conditions.ts';

export type Allowed = Extract<AccessDecision, { allowed: true }>;

/** What a live token is worth at an API now. */
export type TokenJudgement =
  | { readonly ok: true; readonly decision: Allowed; readonly scopes: readonly string[] }
  | {
      readonly ok: false;
      readonly reason: 'other-audience' | 'no-access' | 'not-a-tester' | 'nothing-held' | 'weak-sign-in';
      /** Where the access decision says it. */
      readonly refusal?: Extract<AccessDecision, { allowed: false }>;
      readonly api?: Allowed['api'];
    };

/**
 * Judges a live token for the API that asks, as of half a second ago at most: introspection and the check for gateways
 * both ask this. Whether the app may reach the person today is asked afterwards (mayReach), because asking counts.
 */
export async function judgeToken(
  platform: Platform,
  token: PresentedToken,
  resource: string,
): Promise<TokenJudgement> {
  if (token.audience !== resource) return { ok: false, reason: 'other-audience' };
  const { decision, clientStage } = await decisionFor(platform, token, resource);
  if (!decision.allowed) return { ok: false, reason: 'no-access', refusal: decision };
  if (!(await stillTests(platform, token, clientStage))) return { ok: false, reason: 'not-a-tester' };
  const held = scopesThatHold(token, decision);
  return held.ok ? { ok: true, decision, scopes: held.scopes } : { ...held, api: decision.api };
}

/** Why a scope that a token carries does not hold at an API; undefined where it was not the access that took it away. */
export async function whyNotHeld(
  platform: Platform,
  { clientId }: PresentedToken,
  resource: string,
  scope: string,
): Promise<Extract<AccessDecision, { allowed: false }> | undefined> {
  if (clientId === PERSONAL_TOKENS_CLIENT) return undefined;
  const inputs = await accessInputs(platform, clientId, resource);
  const decision = decideAccess(inputs, [scope], platform.clock.now());
  return decision.allowed ? undefined : decision;
}

/**
 * Whether a caller may read a token (decision 8): the API named in the audience, or the token's own client.
 * An API sees only what the client may still do there, judged again now.
 */
export async function mayIntrospect(
  platform: Platform,
  caller: Client,
  token: AccessToken | ClientCredentials | RefreshToken,
): Promise<boolean> {
  const { apiIdentifier, stage } = registered(caller);
  if (token.clientId === caller.clientId) return stillTests(platform, presented(token), stage);
  if (token.kind === 'RefreshToken' || apiIdentifier === undefined) return isForeign();
  const mine = presented(token);
  const judged = await judgeToken(platform, mine, apiIdentifier);
  if (!judged.ok && judged.reason === 'other-audience') return isForeign() || inactiveBecause(judged.reason);
  if (!judged.ok) return inactiveBecause('no-access');
  const reached = await mayReach(platform, mine, judged.decision);
  noteUsed(mine, judged.decision, reached);
  if (!reached) return inactiveBecause('no-access');
  if (token.scope) token.scope = judged.scopes.join(' ');
  currentScope().judgedClients.add(mine.clientId);
  return true;
}

function presented(token: AccessToken | ClientCredentials | RefreshToken): PresentedToken {
  const { clientId, aud, accountId, scope, extra } = token as AccessToken;
  return {
    clientId: String(clientId),
    audience: typeof aud === 'string' ? aud : undefined,
    accountId,
    scopes: scope?.split(' ') ?? [],
    bound: token.isSenderConstrained(),
    acr: extra?.acr,
  };
}

/** For the signals: whose token an API was told of, or was not because the person is one too many for today. */
function noteUsed(
  { clientId, accountId }: PresentedToken,
  { api: { id: apiId } }: Allowed,
  reached: boolean,
): void {
  if (clientId === PERSONAL_TOKENS_CLIENT) return;
  currentScope().noted.used = {
    clientId,
    accountId: accountId ?? undefined,
    apiId,
    ...(!reached && { cap: true }),
  };
}

/** A token of somebody else's, at whoever has no business with it. */
function isForeign(): false {
  currentScope().noted.foreign = true;
  return false;
}

/** Kept for the API's own members; the answer is the same for every token that is not active. */
function inactiveBecause(reason: InactiveReason): false {
  currentScope().noted.inactive = reason;
  return false;
}

/** Behind a personal access token stands a person instead of an app: what they may do decides. */
export async function decisionFor(
  platform: Platform,
  token: { readonly clientId: string; readonly accountId?: string | null | undefined },
  resource: string,
): Promise<{ decision: AccessDecision; clientStage?: string | undefined }> {
  const { clientId, accountId } = token;
  if (clientId === PERSONAL_TOKENS_CLIENT) {
    return { decision: await personalDecision(platform, String(accountId), resource) };
  }
  const inputs = await accessInputs(platform, clientId, resource);
  const decision = decideAccess(inputs, undefined, platform.clock.now());
  return { decision, clientStage: inputs?.client.stage };
}
