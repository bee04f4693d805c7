import type { Api } from '../developers/apis/api.ts';
import { handleKind } from '../platform/crypto/secrets.ts';
import type { Platform } from '../platform/platform.ts';
import { findTokenFor, type TokenFacts } from '../tokens/token-facts.ts';
import { checkJwt } from './jwt-checks.ts';
import { decisionFor } from './judge-token.ts';
import { checkScope, failed, passed, type TokenCheck } from './token-verdicts.ts';

/** Only letters, digits and what tokens are made of, and not endless: whatever else was pasted is no token. */
const TOKEN = /^[\w.~+/=-]{1,8000}$/;

/**
 * Says which check a pasted token fails at an API, for the API's own people. They learn of tokens that are meant for
 * it; every other one is unknown to it, as one that never was. Nothing of it is kept.
 */
export async function checkToken(
  platform: Platform,
  api: Api,
  { token, scope }: { readonly token: string; readonly scope: string | undefined },
): Promise<TokenCheck[]> {
  if (!TOKEN.test(token)) return [failed('form', 'developer-apis.check-form-odd')];
  if (token.split('.').length === 3) return checkJwt(platform, api, token, scope);
  const kind = handleKind(token);
  if (kind !== 'access' && kind !== 'service') {
    return [failed('form', kind ? 'developer-apis.check-form-other' : 'developer-apis.check-form-broken')];
  }
  const known = api.approved ? await findTokenFor(platform, token, api.identifier) : undefined;
  const form = passed('form', 'developer-apis.check-form-opaque');
  if (!known) return [form, failed('known', 'developer-apis.check-unknown')];
  return [
    form,
    passed('known', 'developer-apis.check-known'),
    ...(await checkKnown(platform, api, known, scope)),
  ];
}

async function checkKnown(
  platform: Platform,
  { identifier }: Api,
  token: TokenFacts,
  scope: string | undefined,
): Promise<TokenCheck[]> {
  const { expiresAt } = token;
  if (expiresAt <= platform.clock.now()) {
    return [failed('alive', { key: 'developer-apis.check-expired', values: { moment: expiresAt } })];
  }
  if (token.ended) return [failed('alive', 'developer-apis.check-ended')];
  const alive = passed('alive', { key: 'developer-apis.check-alive', values: { moment: expiresAt } });
  const { decision } = await decisionFor(platform, token, identifier);
  if (!decision.allowed) {
    const words = { key: 'portal.sentence', values: { sentence: decision.sentence } } as const;
    return [alive, failed('access', words)];
  }
  const held = token.scopes.filter((name) => decision.scopes.includes(name));
  const access = passed('access', { key: 'developer-apis.check-access', values: { client: token.clientId } });
  return [alive, access, checkScope(held, scope), ...keyCheck(token)];
}

function keyCheck({ bound }: TokenFacts): TokenCheck[] {
  return bound ? [passed('key', 'developer-apis.check-key')] : [];
}
