import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { pagesOfAccount } from '../sign-in/account-guards.ts';
import { showSessions, submitOtherSessionEndings, submitSessionEnding } from './sessions.pages.ts';

/** Where a person is signed in. */
export function routeSessions(router: Router<RequestState>, platform: Platform): void {
  const page = pagesOfAccount(router, platform);
  page.get('/account/sessions', { recent: false }, showSessions(platform));
  page.post('/account/sessions/endings', { recent: false }, submitOtherSessionEndings(platform));
  page.post('/account/sessions/:id/ending', { recent: false }, submitSessionEnding(platform));
}
