import type Router from '@koa/router';
import type { Platform } from '../platform/platform.ts';
import type { RequestState } from '../platform/web/context.ts';
import { pagesOfConsole } from './console-guards.ts';
import { showAct, showActs, submitConfirmation, submitWithdrawal } from './two-person-acts.pages.ts';

/** What needs two people. The rule itself asks for the permission of each act. */
export function routeActs(router: Router<RequestState>, platform: Platform): void {
  const page = pagesOfConsole(router, platform);
  page.get('/admin/two-person-acts', { may: 'acts.read' }, showActs(platform));
  page.get('/admin/two-person-acts/:act', { may: 'acts.read' }, showAct(platform));
  page.post(
    '/admin/two-person-acts/:act/confirmation',
    { may: 'acts.read', recent: { backTo: '/admin/two-person-acts/:act' } },
    submitConfirmation(platform),
  );
  page.post(
    '/admin/two-person-acts/:act/withdrawal',
    { may: 'acts.read', recent: { backTo: '/admin/two-person-acts/:act' } },
    submitWithdrawal(platform),
  );
}
