import type Router from '@koa/router';
import { limitBy } from '../../defense/limits/limit-by.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { publicRoute } from '../../platform/web/guards.ts';
import { showEnrolment, submitEnrolment } from './enrolment.pages.ts';
import { showRecoveryCode, submitRecoveryCode } from './recovery-code.pages.ts';
import { requireStep } from './require-session.ts';
import { showSecondFactor, submitSecondFactor } from './second-factor.pages.ts';
import { showSignIn, submitSignIn } from './sign-in.pages.ts';
import { showSuspendedAccount } from './suspended-account.pages.ts';
import { showSignOut, submitSignOut } from './sign-out.pages.ts';

/** How people get in and out. */
export function routeSignIn(router: Router<RequestState>, platform: Platform): void {
  router.get('/sign-in', publicRoute, showSignIn(platform));
  router.post('/sign-in', sameOriginOnly, limitBy(platform, 'sign-in'), publicRoute, submitSignIn(platform));
  router.get('/sign-in/authenticator', requireStep(platform, 'authenticator'), showEnrolment(platform));
  router.post(
    '/sign-in/authenticator',
    sameOriginOnly,
    limitBy(platform, 'second-factor'),
    requireStep(platform, 'authenticator'),
    submitEnrolment(platform),
  );
  router.get('/sign-in/second-factor', requireStep(platform, 'second-factor'), showSecondFactor(platform));
  router.post(
    '/sign-in/second-factor',
    sameOriginOnly,
    limitBy(platform, 'second-factor'),
    requireStep(platform, 'second-factor'),
    submitSecondFactor(platform),
  );

  router.get('/sign-in/recovery-code', requireStep(platform, 'second-factor'), showRecoveryCode);
  router.post(
    '/sign-in/recovery-code',
    sameOriginOnly,
    limitBy(platform, 'second-factor'),
    requireStep(platform, 'second-factor'),
    submitRecoveryCode(platform),
  );
  router.get('/suspended-account', publicRoute, showSuspendedAccount(platform));
  router.get('/sign-out', publicRoute, showSignOut(platform));
  router.post('/sign-out', sameOriginOnly, publicRoute, submitSignOut(platform));
}
