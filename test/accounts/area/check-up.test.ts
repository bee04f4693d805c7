import { describe, expect, it } from 'vitest';
import { type CheckUpFacts, checkUp } from '../../../src/accounts/area/check-up.ts';

const WELL: CheckUpFacts = {
  passkeys: 1,
  syncedPasskeys: 0,
  authenticators: 1,
  recoveryCodesLeft: 10,
  failedSecondFactors: 0,
  newBrowsers: 0,
  unusedApps: 0,
};

describe('the security checkup', () => {
  it.each<[says: string, facts: Partial<CheckUpFacts>, hrefs: string[]]>([
    ['nothing where everything is well', {}, []],
    ['nothing of three codes left', { recoveryCodesLeft: 3 }, []],
    ['that few codes are left', { recoveryCodesLeft: 2 }, ['/account/sign-in-methods/recovery-codes']],
    ['that no codes are left', { recoveryCodesLeft: 0 }, ['/account/sign-in-methods/recovery-codes']],
    ['that one phone is all there is', { passkeys: 0 }, ['/account/sign-in-methods/passkeys/new']],
    ['that one passkey is all there is', { authenticators: 0 }, ['/account/sign-in-methods/passkeys/new']],
    ['nothing of one passkey on every device', { authenticators: 0, syncedPasskeys: 1 }, []],
    [
      'that the password stands alone, and nothing of codes for a factor that is not there',
      { passkeys: 0, authenticators: 0, recoveryCodesLeft: 0 },
      ['/account/sign-in-methods/passkeys/new'],
    ],
    ['nothing of two phones', { passkeys: 0, authenticators: 2 }, []],
    ['that apps lie unused', { unusedApps: 2 }, ['/account/apps']],
    ['that the password is known to somebody', { failedSecondFactors: 1 }, ['/account/events']],
    ['that there is a new browser', { newBrowsers: 1 }, ['/account/sessions']],
    [
      'what is urgent first',
      { newBrowsers: 1, failedSecondFactors: 2, recoveryCodesLeft: 1, passkeys: 0, unusedApps: 1 },
      [
        '/account/events',
        '/account/sessions',
        '/account/sign-in-methods/recovery-codes',
        '/account/sign-in-methods/passkeys/new',
        '/account/apps',
      ],
    ],
  ])('says %s', (_, facts, hrefs) => {
    expect(checkUp({ ...WELL, ...facts }).map(({ href }) => href)).toEqual(hrefs);
  });
});
