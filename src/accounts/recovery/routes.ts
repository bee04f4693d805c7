import type Router from '@koa/router';
import { limitBy } from '../../defense/limits/limit-by.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { publicRoute } from '../../platform/web/guards.ts';
import { requireStep } from '../sign-in/require-session.ts';
import { pagesOfAccount } from '../sign-in/account-guards.ts';
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
  const page = pagesOfAccount(router, platform);
  router.get('/password-reset', publicRoute, showPasswordReset);
  router.post(
    '/password-reset',
    sameOriginOnly,
    limitBy(platform, 'password-reset'),
    publicRoute,
    submitPasswordReset(platform),
  );
  router.get('/password-reset/code', publicRoute, showResetCode(platform));
  router.post(
    '/password-reset/code',
    sameOriginOnly,
    limitBy(platform, 'password-reset'),
    publicRoute,
    submitResetCode(platform),
  );
  router.post(
    '/password-reset/codes',
    sameOriginOnly,
    limitBy(platform, 'password-reset'),
    publicRoute,
    sendAnotherResetCode(platform),
  );
  router.get('/password-reset/password', publicRoute, showNewPassword(platform));
  router.post(
    '/password-reset/password',
    sameOriginOnly,
    limitBy(platform, 'password-reset'),
    publicRoute,
    submitNewPassword(platform),
  );
  router.get('/password-reset/done', publicRoute, showPasswordResetDone);

  router.get('/email-undo', publicRoute, showEmailUndo(platform));
  router.post(
    '/email-undo',
    sameOriginOnly,
    limitBy(platform, 'password-reset'),
    publicRoute,
    submitEmailUndo(platform),
  );
  router.get('/email-undo/code', publicRoute, showEmailUndoCode(platform));
  router.post(
    '/email-undo/code',
    sameOriginOnly,
    limitBy(platform, 'password-reset'),
    publicRoute,
    submitEmailUndoCode(platform),
  );
  router.post(
    '/email-undo/codes',
    sameOriginOnly,
    limitBy(platform, 'password-reset'),
    publicRoute,
    sendAnotherEmailUndoCode(platform),
  );
  router.get('/email-undo/done', publicRoute, showEmailUndoDone);

  router.get('/sign-in/lost-factor', requireStep(platform, 'second-factor'), showLostFactor(platform));
  router.post(
    '/sign-in/lost-factor/codes',
    sameOriginOnly,
    limitBy(platform, 'second-factor'),
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
    limitBy(platform, 'second-factor'),
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
    limitBy(platform, 'second-factor'),
    requireStep(platform, 'second-factor'),
    submitLostFactorAuthenticator(platform),
  );
  page.post('/account/factor-reset/cancellation', { recent: false }, submitResetCancellation(platform));
}
