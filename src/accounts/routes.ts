import Router from '@koa/router';
import type { Platform } from '../platform/platform.ts';
import type { RequestState } from '../platform/web/context.ts';
import { sameOriginOnly } from '../platform/web/csrf.ts';
import { publicRoute } from '../platform/web/guards.ts';
import { formsStayHere } from '../platform/web/security-headers.ts';
import { showAccount } from './account.pages.ts';
import { routeAccountChanges } from './change-routes.ts';
import { showData, submitDownload } from './data.pages.ts';
import {
  sendAnotherEmailUndoCode,
  showEmailUndo,
  showEmailUndoCode,
  showEmailUndoDone,
  submitEmailUndo,
  submitEmailUndoCode,
} from './email-undo.pages.ts';
import {
  sendAnotherVerificationCode,
  showEmailVerification,
  submitEmailVerification,
} from './email-verification.pages.ts';
import { showEnrolment, submitEnrolment } from './enrolment.pages.ts';
import { showEvents, showReport, submitReport } from './events.pages.ts';
import {
  sendLostFactorCode,
  showLostFactor,
  showLostFactorAuthenticator,
  showLostFactorCode,
  submitLostFactorAuthenticator,
  submitLostFactorCode,
  submitResetCancellation,
} from './factor-reset.pages.ts';
import { homePage } from './home.pages.ts';
import { showLanguages, submitLanguage } from './language.pages.ts';
import {
  sendAnotherResetCode,
  showNewPassword,
  showPasswordReset,
  showPasswordResetDone,
  showResetCode,
  submitNewPassword,
  submitPasswordReset,
  submitResetCode,
} from './password-reset.pages.ts';
import type { DataPart } from './personal-data.ts';
import { showRecoveryCode, submitRecoveryCode } from './recovery-code.pages.ts';
import { requireRecent, requireSession, requireStep } from './require-session.ts';
import { showSecondFactor, submitSecondFactor } from './second-factor.pages.ts';
import { showSessions, submitOtherSessionEndings, submitSessionEnding } from './sessions.pages.ts';
import { showSignIn, submitSignIn } from './sign-in.pages.ts';
import { showSignInMethods } from './sign-in-methods.pages.ts';
import { showSignOut, submitSignOut } from './sign-out.pages.ts';
import {
  sendAnotherSignUpCode,
  showSignUp,
  showSignUpVerification,
  submitSignUp,
  submitSignUpVerification,
} from './sign-up.pages.ts';
import { speakTheirLanguage } from './their-language.ts';

/** How people get in and out, and their own pages. `dataParts` is what upper floors hold about a person. */
export function accountRoutes(
  platform: Platform,
  { dataParts = [] }: { dataParts?: readonly DataPart[] } = {},
): Router<RequestState> {
  const router = new Router<RequestState>();
  router.use(speakTheirLanguage(platform));
  router.get('/', publicRoute, homePage);
  router.get('/language', publicRoute, showLanguages);
  router.post('/language', sameOriginOnly, publicRoute, submitLanguage(platform));
  router.get('/sign-up', publicRoute, showSignUp(platform));
  router.post('/sign-up', sameOriginOnly, publicRoute, submitSignUp(platform));
  router.get('/sign-up/verification', publicRoute, showSignUpVerification(platform));
  router.post('/sign-up/verification', sameOriginOnly, publicRoute, submitSignUpVerification(platform));
  router.post('/sign-up/verification/codes', sameOriginOnly, publicRoute, sendAnotherSignUpCode(platform));

  router.get('/password-reset', publicRoute, showPasswordReset);
  router.post('/password-reset', sameOriginOnly, publicRoute, submitPasswordReset(platform));
  router.get('/password-reset/code', publicRoute, showResetCode(platform));
  router.post('/password-reset/code', sameOriginOnly, publicRoute, submitResetCode(platform));
  router.post('/password-reset/codes', sameOriginOnly, publicRoute, sendAnotherResetCode(platform));
  router.get('/password-reset/password', publicRoute, showNewPassword(platform));
  router.post('/password-reset/password', sameOriginOnly, publicRoute, submitNewPassword(platform));
  router.get('/password-reset/done', publicRoute, showPasswordResetDone);

  router.get('/email-undo', publicRoute, showEmailUndo(platform));
  router.post('/email-undo', sameOriginOnly, publicRoute, submitEmailUndo(platform));
  router.get('/email-undo/code', publicRoute, showEmailUndoCode(platform));
  router.post('/email-undo/code', sameOriginOnly, publicRoute, submitEmailUndoCode(platform));
  router.post('/email-undo/codes', sameOriginOnly, publicRoute, sendAnotherEmailUndoCode(platform));
  router.get('/email-undo/done', publicRoute, showEmailUndoDone);

  router.get('/sign-in', publicRoute, showSignIn(platform));
  router.post('/sign-in', sameOriginOnly, publicRoute, submitSignIn(platform));
  router.get('/sign-in/verification', requireStep(platform, 'verification'), showEmailVerification(platform));
  router.post(
    '/sign-in/verification',
    sameOriginOnly,
    requireStep(platform, 'verification'),
    submitEmailVerification(platform),
  );
  router.post(
    '/sign-in/verification/codes',
    sameOriginOnly,
    requireStep(platform, 'verification'),
    sendAnotherVerificationCode(platform),
  );
  router.get('/sign-in/authenticator', requireStep(platform, 'authenticator'), showEnrolment(platform));
  router.post(
    '/sign-in/authenticator',
    sameOriginOnly,
    requireStep(platform, 'authenticator'),
    submitEnrolment(platform),
  );
  router.get('/sign-in/second-factor', requireStep(platform, 'second-factor'), showSecondFactor(platform));
  router.post(
    '/sign-in/second-factor',
    sameOriginOnly,
    requireStep(platform, 'second-factor'),
    submitSecondFactor(platform),
  );

  routeWithoutAuthenticator(router, platform);

  router.get('/sign-out', publicRoute, showSignOut(platform));
  router.post('/sign-out', sameOriginOnly, publicRoute, submitSignOut(platform));
  routeAccountArea(router, platform, dataParts);
  routeAccountChanges(router, platform);
  return router;
}

/** What a person sees and stops in their own account. */
function routeAccountArea(
  router: Router<RequestState>,
  platform: Platform,
  dataParts: readonly DataPart[],
): void {
  router.get('/account', requireSession(platform), formsStayHere, showAccount(platform));
  router.get(
    '/account/sign-in-methods',
    requireSession(platform),
    formsStayHere,
    showSignInMethods(platform),
  );
  router.get('/account/sessions', requireSession(platform), formsStayHere, showSessions(platform));
  router.post(
    '/account/sessions/endings',
    sameOriginOnly,
    requireSession(platform),
    formsStayHere,
    submitOtherSessionEndings(platform),
  );
  router.post(
    '/account/sessions/:id/ending',
    sameOriginOnly,
    requireSession(platform),
    formsStayHere,
    submitSessionEnding(platform),
  );
  router.get('/account/events', requireSession(platform), formsStayHere, showEvents(platform));
  router.get('/account/events/report', requireSession(platform), formsStayHere, showReport(platform));
  router.post(
    '/account/events/report',
    sameOriginOnly,
    requireSession(platform),
    formsStayHere,
    submitReport(platform),
  );
  router.get('/account/data', requireSession(platform), formsStayHere, showData());
  router.post(
    '/account/data/download',
    sameOriginOnly,
    requireSession(platform),
    formsStayHere,
    requireRecent(platform, '/account/data'),
    submitDownload(platform, dataParts),
  );
}

/** The ways through the second factor for a day without the phone. */
function routeWithoutAuthenticator(router: Router<RequestState>, platform: Platform): void {
  router.get('/sign-in/recovery-code', requireStep(platform, 'second-factor'), showRecoveryCode);
  router.post(
    '/sign-in/recovery-code',
    sameOriginOnly,
    requireStep(platform, 'second-factor'),
    submitRecoveryCode(platform),
  );
  router.get('/sign-in/lost-factor', requireStep(platform, 'second-factor'), showLostFactor(platform));
  router.post(
    '/sign-in/lost-factor/codes',
    sameOriginOnly,
    requireStep(platform, 'second-factor'),
    sendLostFactorCode(platform),
  );
  router.get(
    '/sign-in/lost-factor/code',
    requireStep(platform, 'second-factor'),
    showLostFactorCode(platform),
  );
  router.post(
    '/sign-in/lost-factor/code',
    sameOriginOnly,
    requireStep(platform, 'second-factor'),
    submitLostFactorCode(platform),
  );
  router.get(
    '/sign-in/lost-factor/authenticator',
    requireStep(platform, 'second-factor'),
    showLostFactorAuthenticator(platform),
  );
  router.post(
    '/sign-in/lost-factor/authenticator',
    sameOriginOnly,
    requireStep(platform, 'second-factor'),
    submitLostFactorAuthenticator(platform),
  );
  router.post(
    '/account/factor-reset/cancellation',
    sameOriginOnly,
    requireSession(platform),
    formsStayHere,
    submitResetCancellation(platform),
  );
}
