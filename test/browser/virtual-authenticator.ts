import type { CDPSession, Page } from 'playwright-core';

/** An authenticator that Chromium believes to be built in: fingerprint reader included, always touched at once. */
export interface VirtualAuthenticator {
  /** How many passkeys it holds. */
  held(): Promise<number>;
  /** Whether the person is recognized when asked. */
  recognize(isUserVerified: boolean): Promise<void>;
}

export async function plugIn(page: Page): Promise<VirtualAuthenticator> {
  const devtools: CDPSession = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    async held() {
      return (await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length;
    },
    async recognize(isUserVerified) {
      await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
  };
}

/** As in a browser that offers no passkeys in the autofill, where the button is the only way. */
export function withoutAutofill(page: Page): Promise<unknown> {
  return page.addInitScript(() => {
    PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false);
  });
}
