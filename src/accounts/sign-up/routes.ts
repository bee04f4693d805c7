import type Router from '@koa/router';
import { limitBy } from '../../defense/limits/limit-by.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { publicRoute } from '../../platform/web/guards.ts';
import { requireStep } from '../sign-in/require-session.ts';
import {
  sendAnotherVerificationCode,
  showEmailVerification,
  submitEmailVerification,
} from './email-verification.pages.ts';
import {
  sendAnotherSignUpCode,
  showSignUp,
  showSignUpVerification,
  submitSignUp,
  submitSignUpVerification,
} from './sign-up.pages.ts';

/** How somebody becomes a person with an account, and proves an address. */
export function routeSignUp(router: Router<RequestState>, platform: Platform): void {
  router.get('/sign-up', publicRoute, showSignUp(platform));
  router.post(
    '/sign-up',
    sameOriginOnly,
    limitBy(platform, 'registration'),
    publicRoute,
    submitSignUp(platform),
  );
  router.get('/sign-up/verification', publicRoute, showSignUpVerification(platform));
  router.post(
    '/sign-up/verification',
    sameOriginOnly,
    limitBy(platform, 'registration'),
    publicRoute,
    submitSignUpVerification(platform),
  );
  router.post(
    '/sign-up/verification/codes',
    sameOriginOnly,
    limitBy(platform, 'registration'),
    publicRoute,
    sendAnotherSignUpCode(platform),
  );

  router.get('/sign-in/verification', requireStep(platform, 'verification'), showEmailVerification(platform));
  router.post(
    '/sign-in/verification',
    sameOriginOnly,
    limitBy(platform, 'registration'),
    requireStep(platform, 'verification'),
    submitEmailVerification(platform),
  );
  router.post(
    '/sign-in/verification/codes',
    sameOriginOnly,
    limitBy(platform, 'registration'),
    requireStep(platform, 'verification'),
    sendAnotherVerificationCode(platform),
  );
}
