import type { Actor } from '../../audit/actor.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { findStanding } from '../account.ts';
import { admitsTrust, useTrustedBrowser } from '../sessions/trusted-browsers.ts';
import { completeSignIn, nextStep, type SignedIn, type SignInCompletion } from './sign-in.ts';

/**
 * Completes a sign-in on a browser that its owner asked to be spared the second factor on, with the password alone and
 * no more strength than that. Never where the visit demands an account or a strength (step-up, credentials), never for
 * operators. Undefined where the second factor is asked for as ever.
 */
export async function signInOnTrustedBrowser(
  platform: Platform,
  actor: Actor,
  input: {
    completion: Omit<SignInCompletion, 'factor'>;
    value: string | undefined;
    userAgent: string;
  },
): Promise<SignedIn | undefined> {
  const { completion, value, userAgent } = input;
  const { half, demand } = completion;
  if (value === undefined || demand?.accountId !== undefined || demand?.acr !== undefined) return undefined;
  return inTransaction(platform, async (tx) => {
    const standing = await findStanding(tx, half.accountId);
    if (!standing || nextStep(standing) !== 'second-factor') return undefined;
    if (!admitsTrust(tx, standing.account)) return undefined;
    const presented = { accountId: half.accountId, value, userAgent };
    const trusted = await useTrustedBrowser(tx, actor, presented);
    const signedIn =
      trusted && (await completeSignIn(tx, actor, { ...completion, factor: 'trusted-browser' }));
    return signedIn && { ...signedIn, trusted };
  });
}
