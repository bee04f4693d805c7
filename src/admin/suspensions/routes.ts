import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { pagesOfConsole } from '../console-guards.ts';
import { showAppeal, submitAppealDecision } from './appeal.pages.ts';
import { showAppeals } from './appeals.pages.ts';
import { showStart, submitStart, submitSubject } from './start.pages.ts';
import { showSuspension, submitEnding } from './suspension.pages.ts';
import { showSuspensions } from './suspensions.pages.ts';

/** What is paused, by rules or by hand, and how it ends. */
export function routeSuspensions(router: Router<RequestState>, platform: Platform): void {
  const page = pagesOfConsole(router, platform);
  page.get('/admin/suspensions', { may: 'watch.read' }, showSuspensions(platform));
  page.get('/admin/suspensions/new', { may: 'watch.change', recent: true }, showStart(platform));
  page.post('/admin/suspensions/new', { may: 'watch.change', recent: true }, submitStart(platform));
  page.post(
    '/admin/suspensions/subject',
    { may: 'watch.change', recent: { backTo: '/admin/suspensions/new' } },
    submitSubject(platform),
  );
  page.get(
    '/admin/suspensions/:suspension',
    { may: 'watch.read', recent: { of: 'watch.change' } },
    showSuspension(platform),
  );
  page.post(
    '/admin/suspensions/:suspension/ending',
    { may: 'watch.change', recent: { backTo: '/admin/suspensions/:suspension' } },
    submitEnding(platform),
  );
}

/** What owners write against a suspension, and what operators say to it. */
export function routeAppeals(router: Router<RequestState>, platform: Platform): void {
  const page = pagesOfConsole(router, platform);
  page.get('/admin/appeals', { may: 'watch.read' }, showAppeals(platform));
  page.get(
    '/admin/appeals/:appeal',
    { may: 'watch.read', recent: { of: 'watch.change' } },
    showAppeal(platform),
  );
  page.post('/admin/appeals/:appeal', { may: 'watch.change', recent: true }, submitAppealDecision(platform));
}
