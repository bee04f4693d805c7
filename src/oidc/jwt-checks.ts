import { createPublicKey, type JsonWebKeyInput, verify } from 'node:crypto';
import { z } from 'zod';
import type { Api } from '../developers/apis/api.ts';
import { epochSeconds } from '../platform/clock.ts';
import type { Platform } from '../platform/platform.ts';
import { loadSigningKeys } from './signing-keys.ts';
import { checkScope, failed, passed, type TokenCheck } from './token-verdicts.ts';

const Head = z.object({ typ: z.string(), alg: z.literal('ES256'), kid: z.string() });
const Claims = z.object({
  iss: z.string(),
  aud: z.string(),
  exp: z.number(),
  scope: z.string().default(''),
  cnf: z.object({ jkt: z.string() }).optional(),
});

/** The checks of RFC 9068 §4. Of a token that we did not sign for this API nothing is said but that. */
export async function checkJwt(
  platform: Platform,
  api: Api,
  token: string,
  scope: string | undefined,
): Promise<TokenCheck[]> {
  const [head, body, signature] = token.split('.') as [string, string, string];
  const header = Head.safeParse(decoded(head));
  if (!header.success || header.data.typ.toLowerCase() !== 'at+jwt') {
    return [failed('form', 'developer-apis.check-form-jwt')];
  }
  const form = passed('form', 'developer-apis.check-form-is-jwt');
  const signed = await isSigned(platform, header.data.kid, `${head}.${body}`, signature);
  if (!signed) return [form, failed('signature', 'developer-apis.check-signature')];
  const claims = Claims.safeParse(decoded(body));
  if (!claims.success || claims.data.aud !== api.identifier || !api.approved) {
    return [form, failed('known', 'developer-apis.check-unknown')];
  }
  const { exp, cnf, scope: scopes } = claims.data;
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
  const key = cnf ? [passed('key', 'developer-apis.check-key')] : [];
  return [...good, alive, checkScope(held, scope), ...key];
}

function decoded(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** With the published key of that name, as RFC 7518 §3.4 writes signatures. */
async function isSigned(platform: Platform, kid: string, text: string, signature: string): Promise<boolean> {
  const key = (await loadSigningKeys(platform)).find((one) => one.kid === kid && one.alg === 'ES256');
  if (!key) return false;
  const { kty, crv, x, y } = key;
  const publicKey = createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' } as JsonWebKeyInput);
  const bytes = Buffer.from(signature, 'base64url');
  return verify('sha256', Buffer.from(text), { key: publicKey, dsaEncoding: 'ieee-p1363' }, bytes);
}
