import { secondsAfter } from '../platform/clock.ts';
import { keyedDigest } from '../platform/crypto/secrets.ts';
import type { Platform } from '../platform/platform.ts';
import { flushWriteSet } from '../tokens/flush.ts';
import { newWriteSet } from '../tokens/write-set.ts';
import { type ProofRefusal, type ProvenRequest, verifyProof } from './internals.ts';
import type { Engine } from './provider.ts';

export type ProofVerdict =
  | { readonly ok: true }
  | ({ readonly ok: false; readonly nonce?: string } & ProofRefusal);

/** The engine takes proofs of the last minute, or of a clock a minute ahead; with a nonce, while that one lasts. */
const PROOF_SECONDS = 600;

/**
 * Whether a DPoP proof shows that whoever sent a request to an API holds the key of its token (RFC 9449 §7). Once: the insert
 * fails on the second use, over all processes.
 */
export async function proveRequest(
  platform: Platform,
  { provider }: Engine,
  request: ProvenRequest,
  jkt: string,
): Promise<ProofVerdict> {
  let nonce: string | undefined;
  const verdict = await verifyProof(provider, request, (next) => {
    nonce = next;
  });
  if (!verdict.ok) return { ...verdict, ...(nonce !== undefined && { nonce }) };
  if (verdict.thumbprint !== jkt)
    return refuse('The proof was made with another key than the token is bound to.');
  const digest = keyedDigest(platform.vault.secret('dpop-nonce'), 'request', jkt, verdict.jti);
  const writes = newWriteSet();
  writes.replays.set(digest.toString('hex'), {
    digest,
    expiresAt: secondsAfter(platform.clock.now(), PROOF_SECONDS),
  });
  const outcome = await flushWriteSet(platform, writes);
  return outcome === 'written' ? { ok: true } : refuse('The proof was used already.');
}

function refuse(sentence: string): ProofVerdict {
  return { ok: false, error: 'invalid_dpop_proof', sentence };
}
