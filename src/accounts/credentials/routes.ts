import Router from '@koa/router';
import { limitBy } from '../../defense/limits/limit-by.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { publicRoute } from '../../platform/web/guards.ts';
import { speakTheirLanguage } from '../area/their-language.ts';
import { limitPages } from '../sessions/limit-person.ts';
import { showTrustedBrowsers, submitTrustedBrowserRemoval } from '../sessions/trusted-browsers.pages.ts';
import {
  challengeEnrolmentPasskey,
  showEnrolment,
  submitEnrolmentPasskey,
} from '../sign-in/enrolment.pages.ts';
import {
  challengePasskeySignIn,
  challengeSecondFactorPasskey,
  showPasskeySignIn,
  submitPasskeySignIn,
  submitSecondFactorPasskey,
} from '../sign-in/passkey-sign-in.pages.ts';
import { requireStep } from '../sign-in/require-session.ts';
import { pagesOfAccount } from '../sign-in/account-guards.ts';
import {
  showAuthenticator,
  showAuthenticators,
  showNewAuthenticator,
  submitAuthenticatorName,
  submitAuthenticatorRemoval,
  submitNewAuthenticator,
} from './authenticators.pages.ts';
import {
  challengeNewPasskey,
  showNewPasskey,
  showPasskey,
  showPasskeyEndpoints,
  showPasskeyRemoval,
  showPasskeys,
  submitNewPasskey,
  submitPasskeyName,
  submitPasskeyRemoval,
} from './passkeys.pages.ts';
import { showRecoveryCodes, submitRecoveryCodes } from './recovery-codes.pages.ts';

/** Passkeys: how they sign people in, and what their owners do with them. */
export function passkeyRoutes(platform: Platform): Router<RequestState> {
  const router = new Router<RequestState>();
  router.use(speakTheirLanguage(platform));
  router.use('/account', limitPages(platform, { changes: 'account-changes' }));
  router.get('/.well-known/passkey-endpoints', publicRoute, showPasskeyEndpoints(platform));
  routesOfSignIn(router, platform);
  routesOfOwners(router, platform);
  return router;
}

function routesOfSignIn(router: Router<RequestState>, platform: Platform): void {
  router.get('/sign-in/passkey', publicRoute, showPasskeySignIn);
  router.post(
    '/sign-in/passkey',
    sameOriginOnly,
    limitBy(platform, 'sign-in'),
    publicRoute,
    submitPasskeySignIn(platform),
  );
  router.post(
    '/sign-in/passkey/challenges',
    sameOriginOnly,
    limitBy(platform, 'passkey-challenges'),
    publicRoute,
    challengePasskeySignIn(platform),
  );
  router.get(
    '/sign-in/authenticator/passkey',
    requireStep(platform, 'authenticator'),
    showEnrolment(platform),
  );
  router.post(
    '/sign-in/authenticator/passkey',
    sameOriginOnly,
    limitBy(platform, 'second-factor'),
    requireStep(platform, 'authenticator'),
    submitEnrolmentPasskey(platform),
  );
  router.post(
    '/sign-in/authenticator/passkey/challenges',
    sameOriginOnly,
    limitBy(platform, 'passkey-challenges'),
    requireStep(platform, 'authenticator'),
    challengeEnrolmentPasskey(platform),
  );
  router.get('/sign-in/second-factor/passkey', requireStep(platform, 'second-factor'), showPasskeySignIn);
  router.post(
    '/sign-in/second-factor/passkey',
    sameOriginOnly,
    limitBy(platform, 'second-factor'),
    requireStep(platform, 'second-factor'),
    submitSecondFactorPasskey(platform),
  );
  router.post(
    '/sign-in/second-factor/passkey/challenges',
    sameOriginOnly,
    limitBy(platform, 'passkey-challenges'),
    requireStep(platform, 'second-factor'),
    challengeSecondFactorPasskey(platform),
  );
}

function routesOfOwners(router: Router<RequestState>, platform: Platform): void {
  const page = pagesOfAccount(router, platform);
  page.get('/account/sign-in-methods/passkeys', { recent: false }, showPasskeys(platform));
  page.get('/account/sign-in-methods/passkeys/new', { recent: true }, showNewPasskey);
  page.post(
    '/account/sign-in-methods/passkeys',
    { recent: { backTo: '/account/sign-in-methods/passkeys/new' } },
    submitNewPasskey(platform),
  );
  page.post(
    '/account/sign-in-methods/passkeys/challenges',
    { recent: { backTo: '/account/sign-in-methods/passkeys/new' } },
    challengeNewPasskey(platform),
  );
  page.get('/account/sign-in-methods/passkeys/:id', { recent: false }, showPasskey(platform));
  page.post('/account/sign-in-methods/passkeys/:id/name', { recent: false }, submitPasskeyName(platform));
  page.get('/account/sign-in-methods/passkeys/:id/removal', { recent: true }, showPasskeyRemoval(platform));
  page.post(
    '/account/sign-in-methods/passkeys/:id/removal',
    { recent: true },
    submitPasskeyRemoval(platform),
  );
}

/** Authenticator apps, recovery codes and trusted browsers, as their owner keeps them. */
export function factorRoutes(platform: Platform): Router<RequestState> {
  const router = new Router<RequestState>();
  router.use(speakTheirLanguage(platform));
  router.use('/account', limitPages(platform, { changes: 'account-changes' }));
  const page = pagesOfAccount(router, platform);
  routesOfAuthenticators(router, platform);
  page.get('/account/sign-in-methods/recovery-codes', { recent: true }, showRecoveryCodes(platform));
  page.post('/account/sign-in-methods/recovery-codes', { recent: true }, submitRecoveryCodes(platform));
  page.get('/account/sign-in-methods/trusted-browsers', { recent: false }, showTrustedBrowsers(platform));
  // Whoever stops trusting takes something away, so no fresh proof is asked for.
  page.post(
    '/account/sign-in-methods/trusted-browsers/:id/removal',
    { recent: false },
    submitTrustedBrowserRemoval(platform),
  );
  return router;
}

function routesOfAuthenticators(router: Router<RequestState>, platform: Platform): void {
  const page = pagesOfAccount(router, platform);
  page.get('/account/sign-in-methods/authenticators', { recent: false }, showAuthenticators(platform));
  page.get('/account/sign-in-methods/authenticators/new', { recent: true }, showNewAuthenticator(platform));
  page.post(
    '/account/sign-in-methods/authenticators/new',
    { recent: true },
    submitNewAuthenticator(platform),
  );
  page.get('/account/sign-in-methods/authenticators/:id', { recent: true }, showAuthenticator(platform));
  page.post(
    '/account/sign-in-methods/authenticators/:id/name',
    { recent: { backTo: '/account/sign-in-methods/authenticators' } },
    submitAuthenticatorName(platform),
  );
  page.post(
    '/account/sign-in-methods/authenticators/:id/removal',
    { recent: { backTo: '/account/sign-in-methods/authenticators' } },
    submitAuthenticatorRemoval(platform),
  );
}
