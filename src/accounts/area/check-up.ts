import type { TextKey, Words } from '../../platform/words/text-keys.ts';
import { FEW_RECOVERY_CODES } from '../credentials/recovery-codes.ts';

/** What the checkup looks at. */
export interface CheckUpFacts {
  readonly passkeys: number;
  /** Those of them that their owner has on every device. */
  readonly syncedPasskeys: number;
  readonly authenticators: number;
  readonly recoveryCodesLeft: number;
  /** In the last days somebody knew the password and failed at the second step. */
  readonly failedSecondFactors: number;
  /** In the last days this account was signed in on a browser it had not used before, and that session lives on elsewhere. */
  readonly newBrowsers: number;
  /** Apps that have access and did not use it for half a year. */
  readonly unusedApps: number;
}

/** Something worth a minute, and the one thing to do about it. */
export interface Finding {
  readonly what: Words;
  readonly action: TextKey;
  readonly href: string;
}

/** The most urgent first; nothing means that everything looks good. */
export function checkUp(facts: CheckUpFacts): Finding[] {
  return [...somebodyElse(facts), ...wayBackIn(facts), ...tidiness(facts)];
}

function somebodyElse({ failedSecondFactors, newBrowsers }: CheckUpFacts): Finding[] {
  const found: Finding[] = [];
  if (failedSecondFactors > 0)
    found.push({
      what: { key: 'account.finding-password-known', values: { count: failedSecondFactors } },
      action: 'account.see-activity',
      href: '/account/events',
    });
  if (newBrowsers > 0)
    found.push({
      what: { key: 'account.finding-new-browsers', values: { count: newBrowsers } },
      action: 'account.check-sessions',
      href: '/account/sessions',
    });
  return found;
}

/** Whoever loses their only phone should not lose the account. */
function wayBackIn(facts: CheckUpFacts): Finding[] {
  const { passkeys, syncedPasskeys, authenticators, recoveryCodesLeft } = facts;
  if (passkeys + authenticators === 0)
    return [
      {
        what: 'account.finding-password-alone',
        action: 'account.add-passkey',
        href: '/account/sign-in-methods/passkeys/new',
      },
    ];
  const found: Finding[] = [];
  if (recoveryCodesLeft === 0)
    found.push({
      what: 'account.finding-no-codes',
      action: 'account.make-codes',
      href: '/account/sign-in-methods/recovery-codes',
    });
  else if (recoveryCodesLeft <= FEW_RECOVERY_CODES)
    found.push({
      what: { key: 'account.finding-few-codes', values: { count: recoveryCodesLeft } },
      action: 'account.make-codes',
      href: '/account/sign-in-methods/recovery-codes',
    });
  if (passkeys + authenticators === 1 && syncedPasskeys === 0)
    found.push({
      what: 'account.finding-single-factor',
      action: 'account.add-passkey',
      href: '/account/sign-in-methods/passkeys/new',
    });
  return found;
}

function tidiness({ unusedApps }: CheckUpFacts): Finding[] {
  if (unusedApps === 0) return [];
  return [
    {
      what: { key: 'account.finding-unused-apps', values: { count: unusedApps } },
      action: 'account.look-through-apps',
      href: '/account/apps',
    },
  ];
}
