import type { Api } from '../developers/apis/api.ts';
import { epochSeconds } from '../platform/clock.ts';
import type { Platform } from '../platform/platform.ts';
import { claimsOf, isSignedBy, readAccessJwt, verifyingKeys } from './access-jwt.ts';
import { loadSigningKeys } from './signing-keys.ts';
import { checkScope, failed, passed, type TokenCheck } from './token-verdicts.ts';

/** The checks of RFC 9068 §4. Of a token that we did not sign for this API nothing is said but that. */
export async function checkJwt(
  platform: Platform,
  api: Api,
  token: string,
  scope: string | undefined,
): Promise<TokenCheck[]> {
  const jwt = readAccessJwt(token);
  if (!jwt) return [failed('form', 'developer-apis.check-form-jwt')];
  const form = passed('form', 'developer-apis.check-form-is-jwt');
  const key = verifyingKeys(await loadSigningKeys(platform)).get(jwt.kid);
  if (!key || !isSignedBy(key, jwt)) return [form, failed('signature', 'developer-apis.check-signature')];
  const claims = claimsOf(jwt);
  if (!claims || claims.aud !== api.identifier || !api.approved) {
    return [form, failed('known', 'developer-apis.check-unknown')];
  }
  const { exp, cnf, scope: scopes } = claims;
  const good = [
    form,
    passed('signature', 'developer-apis.check-signed'),
    passed('audience', 'developer-apis.check-known'),
  ];
  const moment = new Date(exp * 1000);
  if (exp <= epochSeconds(platform.clock.now())) {
    return [...good, failed('alive', { key: 'developer-apis.check-expired', values: { moment } })];
  }
  const alive = passed('alive', { key: 'developer-apis.check-alive-jwt', values: { moment } });
  const held = scopes.split(' ').filter((name) => name !== '');
  const bound = cnf ? [passed('key', 'developer-apis.check-key')] : [];
  return [...good, alive, checkScope(held, scope), ...bound];
}
