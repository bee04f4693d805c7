import { z } from 'zod';
import { epochSeconds } from '../../platform/clock.ts';
import { digestOf } from '../../platform/crypto/secrets.ts';
import type { Platform } from '../../platform/platform.ts';
import { ASSERTION_ALGORITHMS, type PublicKey, verifiesWith } from '../clients/credentials/public-keys.ts';

/** Seconds between the making of a proof and its arrival, clocks that differ included. */
const FRESH_SECONDS = 120;
const LONGEST_PROOF = 5_000;

const Header = z.object({ typ: z.literal('access-code+jwt'), alg: z.enum(ASSERTION_ALGORITHMS) });
const Claims = z.object({ aud: z.string(), iat: z.number(), code_hash: z.string() });

/**
 * Whether a proof was signed with the key just now, for this code and this service: a JWT of the type access-code+jwt
 * with the issuer as `aud`, `iat`, and as `code_hash` the SHA-256 of the code (base64url). It is good for nothing else.
 */
export function provesKey(
  { config, clock }: Pick<Platform, 'config' | 'clock'>,
  proof: string,
  code: string,
  { jwk }: PublicKey,
): boolean {
  const [header, payload] = proof.length <= LONGEST_PROOF ? proof.split('.') : [];
  const head = Header.safeParse(decoded(header));
  const claims = Claims.safeParse(decoded(payload));
  if (!head.success || !claims.success) return false;
  const { aud, iat, code_hash } = claims.data;
  const isFresh = Math.abs(epochSeconds(clock.now()) - iat) <= FRESH_SECONDS;
  const isForCode = code_hash === digestOf(code).toString('base64url');
  return aud === config.issuer && isFresh && isForCode && verifiesWith(jwk, head.data.alg, proof);
}

function decoded(part: string | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(part ?? '', 'base64url').toString());
  } catch {
    return undefined;
  }
}
