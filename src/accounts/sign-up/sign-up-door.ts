import type { Platform } from '../../platform/platform.ts';
import type { Address } from '../addresses.ts';
import { SIGN_UP, SIGN_UP_DOMAINS } from '../policy.ts';
import { findSignUpPass, type SignUpPass } from './sign-up-passes.ts';

/** What stands between a visitor and the sign-up form. */
export interface SignUpDoor {
  /** The pass that was brought along, if it is good. */
  readonly pass: SignUpPass | undefined;
  /** Nobody comes in without one. */
  readonly closed: boolean;
  /** The mail domains that come in without one; null where all do. */
  readonly domains: readonly string[] | null;
}

/** `handle`: the pass as its link or the form presents it. Nothing is spent by looking. */
export async function findSignUpDoor(platform: Platform, handle: string | undefined): Promise<SignUpDoor> {
  const policy = platform.settings.get(SIGN_UP);
  const pass = await findSignUpPass(platform, handle);
  const domains = policy === 'domains' && !pass ? platform.settings.get(SIGN_UP_DOMAINS) : null;
  return { pass, closed: policy === 'invitation' && !pass, domains };
}

export type Hurdle = 'closed' | 'other-address' | 'other-domain';

/**
 * Why this address may not sign up; undefined where it may. Judged by what was typed alone, before anything is looked
 * up, so that known and unknown addresses meet the same door.
 */
export function judgeSignUp(
  { pass, closed, domains }: SignUpDoor,
  { emailKey }: Address,
): Hurdle | undefined {
  if (closed) return 'closed';
  if (pass) return pass.emailKey === emailKey ? undefined : 'other-address';
  const host = emailKey.slice(emailKey.indexOf('@') + 1);
  return domains && !domains.includes(host) ? 'other-domain' : undefined;
}
