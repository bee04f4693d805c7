import Router from '@koa/router';
import { limitBy } from '../../defense/limits/limit-by.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { publicRoute } from '../../platform/web/guards.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
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
import { requireRecent, requireSession, requireStep } from '../sign-in/require-session.ts';
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

const NEW_PASSKEY = '/account/sign-in-methods/passkeys/new';

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
  router.get(
    '/account/sign-in-methods/passkeys',
    requireSession(platform),
    formsStayHere,
    showPasskeys(platform),
  );
  router.get(
    '/account/sign-in-methods/passkeys/new',
    requireSession(platform),
    requireRecent(platform),
    formsStayHere,
    showNewPasskey,
  );
  router.post(
    '/account/sign-in-methods/passkeys',
    sameOriginOnly,
    requireSession(platform),
    requireRecent(platform, NEW_PASSKEY),
    formsStayHere,
    submitNewPasskey(platform),
  );
  router.post(
    '/account/sign-in-methods/passkeys/challenges',
    sameOriginOnly,
    requireSession(platform),
    requireRecent(platform, NEW_PASSKEY),
    challengeNewPasskey(platform),
  );
  router.get(
    '/account/sign-in-methods/passkeys/:id',
    requireSession(platform),
    formsStayHere,
    showPasskey(platform),
  );
  router.post(
    '/account/sign-in-methods/passkeys/:id/name',
    sameOriginOnly,
    requireSession(platform),
    formsStayHere,
    submitPasskeyName(platform),
  );
  router.get(
    '/account/sign-in-methods/passkeys/:id/removal',
    requireSession(platform),
    requireRecent(platform),
    formsStayHere,
    showPasskeyRemoval(platform),
  );
  router.post(
    '/account/sign-in-methods/passkeys/:id/removal',
    sameOriginOnly,
    requireSession(platform),
    requireRecent(platform),
    formsStayHere,
    submitPasskeyRemoval(platform),
  );
}

/** Authenticator apps, recovery codes and trusted browsers, as their owner keeps them. */
export function factorRoutes(platform: Platform): Router<RequestState> {
  const router = new Router<RequestState>();
  router.use(speakTheirLanguage(platform));
  router.use('/account', limitPages(platform, { changes: 'account-changes' }));
  routesOfAuthenticators(router, platform);
  router.get(
    '/account/sign-in-methods/recovery-codes',
    requireSession(platform),
    requireRecent(platform),
    formsStayHere,
    showRecoveryCodes(platform),
  );
  router.post(
    '/account/sign-in-methods/recovery-codes',
    sameOriginOnly,
    requireSession(platform),
    requireRecent(platform),
    formsStayHere,
    submitRecoveryCodes(platform),
  );
  router.get(
    '/account/sign-in-methods/trusted-browsers',
    requireSession(platform),
    formsStayHere,
    showTrustedBrowsers(platform),
  );
  // Whoever stops trusting takes something away, so no fresh proof is asked for.
  router.post(
    '/account/sign-in-methods/trusted-browsers/:id/removal',
    sameOriginOnly,
    requireSession(platform),
    formsStayHere,
    submitTrustedBrowserRemoval(platform),
  );
  return router;
}

function routesOfAuthenticators(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/account/sign-in-methods/authenticators',
    requireSession(platform),
    formsStayHere,
    showAuthenticators(platform),
  );
  router.get(
    '/account/sign-in-methods/authenticators/new',
    requireSession(platform),
    requireRecent(platform),
    formsStayHere,
    showNewAuthenticator(platform),
  );
  router.post(
    '/account/sign-in-methods/authenticators/new',
    sameOriginOnly,
    requireSession(platform),
    requireRecent(platform),
    formsStayHere,
    submitNewAuthenticator(platform),
  );
  router.get(
    '/account/sign-in-methods/authenticators/:id',
    requireSession(platform),
    requireRecent(platform),
    formsStayHere,
    showAuthenticator(platform),
  );
  router.post(
    '/account/sign-in-methods/authenticators/:id/name',
    sameOriginOnly,
    requireSession(platform),
    requireRecent(platform, '/account/sign-in-methods/authenticators'),
    formsStayHere,
    submitAuthenticatorName(platform),
  );
  router.post(
    '/account/sign-in-methods/authenticators/:id/removal',
    sameOriginOnly,
    requireSession(platform),
    requireRecent(platform, '/account/sign-in-methods/authenticators'),
    formsStayHere,
    submitAuthenticatorRemoval(platform),
  );
}
