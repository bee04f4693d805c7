import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { pagesOfAccount } from '../sign-in/account-guards.ts';
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
  const page = pagesOfAccount(router, platform);
  page.get('/account/profile', { recent: false }, showProfile(platform));
  page.post('/account/profile', { recent: false }, submitProfile(platform));
  page.get('/account/sign-in-methods/password', { recent: true }, showPasswordChange(platform));
  page.post('/account/sign-in-methods/password', { recent: true }, submitPasswordChange(platform));
  page.get('/account/email', { recent: true }, showEmailChange);
  page.post('/account/email', { recent: true }, submitEmailChange(platform));
  page.get('/account/email/code', { recent: true }, showEmailChangeCode(platform));
  page.post('/account/email/code', { recent: true }, submitEmailChangeCode(platform));
  page.post(
    '/account/email/codes',
    { recent: { backTo: '/account/email/code' } },
    sendAnotherEmailChangeCode(platform),
  );
  page.get('/account/closing', { recent: false }, showClosing(platform));
  page.post('/account/closing', { recent: true }, submitClosing(platform));
  page.post('/account/closing/cancellation', { recent: false }, submitClosingCancellation(platform));
}
