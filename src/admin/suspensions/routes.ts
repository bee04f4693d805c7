import type Router from '@koa/router';
import { requireRecent, requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireRecentOfThoseWho } from '../recent-operator.ts';
import { requireOperator } from '../require-operator.ts';
import { showAppeal, submitAppealDecision } from './appeal.pages.ts';
import { showAppeals } from './appeals.pages.ts';
import { showStart, submitStart, submitSubject } from './start.pages.ts';
import { showSuspension, submitEnding } from './suspension.pages.ts';
import { showSuspensions } from './suspensions.pages.ts';

/** What is paused, by rules or by hand, and how it ends. */
export function routeSuspensions(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/admin/suspensions',
    requireSession(platform),
    requireOperator(platform, 'watch.read'),
    formsStayHere,
    showSuspensions(platform),
  );
  router.get(
    '/admin/suspensions/new',
    requireSession(platform),
    requireOperator(platform, 'watch.change'),
    requireRecent(platform),
    formsStayHere,
    showStart(platform),
  );
  router.post(
    '/admin/suspensions/new',
    sameOriginOnly,
    requireSession(platform),
    requireOperator(platform, 'watch.change'),
    requireRecent(platform, '/admin/suspensions/new'),
    formsStayHere,
    submitStart(platform),
  );
  router.post(
    '/admin/suspensions/subject',
    sameOriginOnly,
    requireSession(platform),
    requireOperator(platform, 'watch.change'),
    requireRecent(platform, '/admin/suspensions/new'),
    formsStayHere,
    submitSubject(platform),
  );
  router.get(
    '/admin/suspensions/:suspension',
    requireSession(platform),
    requireOperator(platform, 'watch.read'),
    requireRecentOfThoseWho('watch.change', platform),
    formsStayHere,
    showSuspension(platform),
  );
  router.post(
    '/admin/suspensions/:suspension/ending',
    sameOriginOnly,
    requireSession(platform),
    requireOperator(platform, 'watch.change'),
    requireRecent(platform, '/admin/suspensions/:suspension'),
    formsStayHere,
    submitEnding(platform),
  );
}

/** What owners write against a suspension, and what operators say to it. */
export function routeAppeals(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/admin/appeals',
    requireSession(platform),
    requireOperator(platform, 'watch.read'),
    formsStayHere,
    showAppeals(platform),
  );
  router.get(
    '/admin/appeals/:appeal',
    requireSession(platform),
    requireOperator(platform, 'watch.read'),
    requireRecentOfThoseWho('watch.change', platform),
    formsStayHere,
    showAppeal(platform),
  );
  router.post(
    '/admin/appeals/:appeal',
    sameOriginOnly,
    requireSession(platform),
    requireOperator(platform, 'watch.change'),
    requireRecent(platform, '/admin/appeals/:appeal'),
    formsStayHere,
    submitAppealDecision(platform),
  );
}
