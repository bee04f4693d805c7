import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import type { Words } from '../../platform/words/text-keys.ts';
import { normalizePassword } from './password-policy.ts';

/** Of five grades, 0 to 4, the first about which there is nothing to say: more than a hundred million guesses. */
const GOOD_ENOUGH = 3;

/** Judging takes time by the square of the length, and who types this much needs no advice. */
const LOOKED_AT = 24;

let estimator: Promise<ZxcvbnFactory> | undefined;

/**
 * What could be better about a password that was taken; it never decides whether it is. Takes some milliseconds of this
 * thread, so ask after the password was hashed: whoever finds no place in the line for that never gets here.
 */
export async function adviseOn(raw: string, person: readonly string[]): Promise<Words | undefined> {
  const password = normalizePassword(raw);
  if (password === undefined || [...password].length > LOOKED_AT) return undefined;
  estimator ??= openEstimator();
  const { score } = (await estimator).check(
    password,
    person.flatMap((text) => text.split(/[^\p{L}\p{N}]+/u)),
  );
  return score < GOOD_ENOUGH ? 'password.advice' : undefined;
}

/** Its lists take 30 MiB, so it is opened when first asked. */
async function openEstimator(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory }, { dictionary, adjacencyGraphs }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  return new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
}
