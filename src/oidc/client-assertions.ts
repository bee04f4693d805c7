import { type Client, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { noteKeyUse } from '../developers/clients/credentials/credential-uses.ts';
import { verifiesWith } from '../developers/clients/credentials/public-keys.ts';
import { epochSeconds } from '../platform/clock.ts';
import type { Platform } from '../platform/platform.ts';
import { LIFETIMES } from '../tokens/lifetimes.ts';
import { registered } from './registered-clients.ts';
import { currentScope } from './request-scope.ts';

/** How far ahead the end of an assertion may lie: its jti is remembered until then. */
const LONGEST_SECONDS = 300;
const LONGEST_JTI = 255;

/** How far the clock of whoever signs may be ahead (FAPI 2.0 Security Profile §5.3.2.1). */
const AHEAD_SECONDS = 60;

/** RFC 7523 names no type; its successor does. A proof or token made for another purpose carries another one. */
const TYPES: ReadonlySet<unknown> = new Set([undefined, 'JWT', 'client-authentication+jwt']);

interface Assertion {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly header: Readonly<Record<string, unknown>>;
  readonly client: Client;
}

/**
 * Judges an assertion whose signature, issuer and times the engine found right (private_key_jwt, RFC 7523 §3). The
 * audience is the issuer alone (RFC 7523bis): one made for another server's endpoint is of no use here. The engine then
 * remembers its jti, and a second use fails when the write set is flushed.
 */
export function judgeAssertion(
  platform: Platform,
  ctx: KoaContextWithOIDC,
  { claims, header, client }: Assertion,
): void {
  const fault = faultIn(platform, claims, header);
  if (fault !== undefined) throw new errors.InvalidClientAuth(fault);
  const scope = currentScope();
  scope.assertion = true;
  scope.noted.authenticated = true;
  const key = keyUsed(client, header, String(ctx.oidc.params?.client_assertion));
  if (key !== undefined) noteKeyUse(platform, key);
}

function faultIn(
  { config, clock }: Platform,
  { aud, sub, iss, exp, iat, jti }: Assertion['claims'],
  { typ, crit }: Assertion['header'],
): string | undefined {
  if (aud !== config.issuer) return 'audience (aud) must be the issuer identifier alone, as a string';
  if (sub !== iss) return 'sub and iss must both be the client_id';
  if (typeof jti !== 'string' || jti.length > LONGEST_JTI)
    return 'jti must be a string of at most 255 characters';
  if (!TYPES.has(typ)) return 'typ must be client-authentication+jwt or JWT';
  if (crit !== undefined) return 'no header parameter may be critical';
  const now = epochSeconds(clock.now());
  if (typeof iat === 'number' && iat > now + AHEAD_SECONDS) return 'iat must be at most a minute ahead';
  const latest = now + LONGEST_SECONDS + LIFETIMES.clockTolerance;
  return typeof exp === 'number' && exp <= latest ? undefined : 'exp must be at most 5 minutes ahead';
}

/** The registered key that signed it: the one it names, or of two, the one whose signature it is. */
function keyUsed(client: Client, { kid, alg }: Assertion['header'], assertion: string): string | undefined {
  const { keys, jwksUri } = registered(client);
  if (jwksUri !== null) return undefined;
  if (typeof kid === 'string') return keys.find((key) => key.kid === kid)?.id;
  if (keys.length === 1) return keys[0]?.id;
  return keys.find(({ jwk }) => verifiesWith(jwk, String(alg), assertion))?.id;
}
