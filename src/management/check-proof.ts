import type { Engine } from '../oidc/provider.ts';
import { proveRequest } from '../oidc/proven-request.ts';
import type { Platform } from '../platform/platform.ts';
import { type Denial, deny, type LiveToken } from './check-answer.ts';
import type { CheckInput } from './check.ts';

/** Of a token that is bound to a key: undefined where the call proves that its sender holds it. */
export async function checkProof(
  platform: Platform,
  engine: Engine,
  { proof, url, method }: CheckInput,
  { text: token, found }: { readonly text: string; readonly found: LiveToken },
): Promise<Denial | undefined> {
  if (url === undefined) return refused('gateway-request', UNKNOWN_ADDRESS, found);
  if (proof === undefined || found.jkt === undefined) return refused('proof-invalid', NO_PROOF, found);
  const verdict = await proveRequest(platform, engine, { method, url, proof, token }, found.jkt);
  if (verdict.ok) return undefined;
  const { error, sentence, nonce } = verdict;
  return deny(401, 'proof-invalid', sentence, { challenge: { error, dpop: true, nonce }, found });
}

const UNKNOWN_ADDRESS =
  'The token is bound to a key, and the gateway does not say where it was called: it must send X-Forwarded-Proto and the host.';
const NO_PROOF = 'The access token is bound to a key. Send one DPoP proof with each call.';

function refused(reason: 'gateway-request' | 'proof-invalid', sentence: string, found: LiveToken): Denial {
  return deny(401, reason, sentence, { challenge: { error: 'invalid_dpop_proof', dpop: true }, found });
}
