import type { CheckingApi } from '../developers/apis/gateway/checking-api.ts';
import { type AskedCall, judgeRoute } from '../developers/apis/gateway/judge-route.ts';
import { subjectFor } from '../oidc/account-claims.ts';
import { judgeToken } from '../oidc/judge-token.ts';
import { findPresentedToken } from '../oidc/presented-token.ts';
import type { Engine } from '../oidc/provider.ts';
import { mayReach } from '../oidc/token-conditions.ts';
import type { Platform } from '../platform/platform.ts';
import { spendRate } from './spend-rate.ts';
import { type CheckAnswer, deny } from './check-answer.ts';
import { ofAccess, ofPeople, ofRoute, ofScheme, ofToken } from './check-denials.ts';
import { checkProof } from './check-proof.ts';
import { triedBy } from './tried.ts';

/** A call that a gateway asks about, with what it carries. */
export interface CheckInput extends AskedCall {
  readonly api: CheckingApi;
  /** The Authorization header of the call; undefined where there is none, or not one alone. */
  readonly authorization: string | undefined;
  readonly proof: string | undefined;
  /** Where the API was called. */
  readonly url: string | undefined;
}

const AUTHORIZATION = /^(bearer|dpop) +([\x21-\x7e]{1,8000})$/i;

/**
 * Whether an API should answer a call: its token lives and is for this API, its access holds, its scopes are enough for method
 * and path, and neither calls nor people are used up. What introspection judges too, the same functions judge.
 */
export async function checkCall(platform: Platform, engine: Engine, input: CheckInput): Promise<CheckAnswer> {
  const { api } = input;
  const [, scheme = '', text = ''] = AUTHORIZATION.exec(input.authorization ?? '') ?? [];
  if (text === '') return deny(401, 'no-token', NO_TOKEN, { challenge: {} });
  const found = await findPresentedToken(platform, engine, text);
  if (found.state !== 'live' || api.identifier === null || found.token.audience !== api.identifier)
    return { ...ofToken(found), presented: text };
  const { token } = found;
  const judged = await judgeToken(platform, token, api.identifier);
  if (!judged.ok) return ofAccess(judged, found);
  const { decision, scopes } = judged;

  if ((scheme.toLowerCase() === 'dpop') !== token.bound) return ofScheme(found);
  const unproven = token.bound && (await checkProof(platform, engine, input, { text, found }));
  if (unproven) return unproven;
  const rules = { scopes: decision.api.scopes, table: api.table };
  const route = judgeRoute(rules, input, scopes);
  if (!route.ok) {
    const tried = triedBy(route, judgeRoute(rules, input, decision.scopes));
    return { ...(await ofRoute(platform, api.identifier, found, route)), tried };
  }
  const rate = await spendRate(platform, found, decision, route);
  if (!rate.ok) return { ...rate.denial, found };
  if (!(await mayReach(platform, token, decision))) return ofPeople(platform, decision, found);
  const { accountId } = token;
  const subject = accountId === undefined ? undefined : subjectFor(platform, accountId, api.organizationId);
  return { status: 200, found, subject, scopes, rate: rate.left };
}

const NO_TOKEN = 'The call brings no access token in its Authorization header.';
