import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { publicRoute } from '../../platform/web/guards.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireSession, requireStep } from '../sign-in/require-session.ts';
import {
  sendAnotherEmailUndoCode,
  showEmailUndo,
  showEmailUndoCode,
  showEmailUndoDone,
  submitEmailUndo,
  submitEmailUndoCode,
} from './email-undo.pages.ts';
import {
  sendLostFactorCode,
  showLostFactor,
  showLostFactorAuthenticator,
  showLostFactorCode,
  submitLostFactorAuthenticator,
  submitLostFactorCode,
  submitResetCancellation,
} from './factor-reset.pages.ts';
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

/** The slow ways back, for a lost password, a lost factor and a stolen address. */
export function routeRecovery(router: Router<RequestState>, platform: Platform): void {
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
