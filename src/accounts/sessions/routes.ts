import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireSession } from '../sign-in/require-session.ts';
import { showSessions, submitOtherSessionEndings, submitSessionEnding } from './sessions.pages.ts';

/** Where a person is signed in. */
export function routeSessions(router: Router<RequestState>, platform: Platform): void {
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
}
