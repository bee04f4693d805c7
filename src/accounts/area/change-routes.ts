import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireRecent, requireSession } from '../sign-in/require-session.ts';
import { showClosing, submitClosing, submitClosingCancellation } from './closing.pages.ts';
import {
  sendAnotherEmailChangeCode,
  showEmailChange,
  showEmailChangeCode,
  submitEmailChange,
  submitEmailChangeCode,
} from './email-change.pages.ts';
import { showPasswordChange, submitPasswordChange } from './password-change.pages.ts';
import { showProfile, submitProfile } from './profile.pages.ts';

/** What a person changes about their account, and how they leave. */
export function routeAccountChanges(router: Router<RequestState>, platform: Platform): void {
  router.get('/account/profile', requireSession(platform), formsStayHere, showProfile(platform));
  router.post(
    '/account/profile',
    sameOriginOnly,
    requireSession(platform),
    formsStayHere,
    submitProfile(platform),
  );
  router.get(
    '/account/sign-in-methods/password',
    requireSession(platform),
    formsStayHere,
    requireRecent(platform, '/account/sign-in-methods/password'),
    showPasswordChange(platform),
  );
  router.post(
    '/account/sign-in-methods/password',
    sameOriginOnly,
    requireSession(platform),
    formsStayHere,
    requireRecent(platform, '/account/sign-in-methods/password'),
    submitPasswordChange(platform),
  );
  router.get(
    '/account/email',
    requireSession(platform),
    formsStayHere,
    requireRecent(platform, '/account/email'),
    showEmailChange,
  );
  router.post(
    '/account/email',
    sameOriginOnly,
    requireSession(platform),
    formsStayHere,
    requireRecent(platform, '/account/email'),
    submitEmailChange(platform),
  );
  router.get(
    '/account/email/code',
    requireSession(platform),
    formsStayHere,
    requireRecent(platform, '/account/email/code'),
    showEmailChangeCode(platform),
  );
  router.post(
    '/account/email/code',
    sameOriginOnly,
    requireSession(platform),
    formsStayHere,
    requireRecent(platform, '/account/email/code'),
    submitEmailChangeCode(platform),
  );
  router.post(
    '/account/email/codes',
    sameOriginOnly,
    requireSession(platform),
    formsStayHere,
    requireRecent(platform, '/account/email/code'),
    sendAnotherEmailChangeCode(platform),
  );
  router.get('/account/closing', requireSession(platform), formsStayHere, showClosing(platform));
  router.post(
    '/account/closing',
    sameOriginOnly,
    requireSession(platform),
    formsStayHere,
    requireRecent(platform, '/account/closing'),
    submitClosing(platform),
  );
  router.post(
    '/account/closing/cancellation',
    sameOriginOnly,
    requireSession(platform),
    formsStayHere,
    submitClosingCancellation(platform),
  );
}
