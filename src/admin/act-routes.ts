import type Router from '@koa/router';
import { requireRecent, requireSession } from '../accounts/sign-in/require-session.ts';
import type { Platform } from '../platform/platform.ts';
import type { RequestState } from '../platform/web/context.ts';
import { sameOriginOnly } from '../platform/web/csrf.ts';
import { formsStayHere } from '../platform/web/security-headers.ts';
import { requireOperator } from './require-operator.ts';
import { showAct, showActs, submitConfirmation, submitWithdrawal } from './two-person-acts.pages.ts';

/** What needs two people. The rule itself asks for the permission of each act. */
export function routeActs(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/admin/two-person-acts',
    requireSession(platform),
    requireOperator(platform, 'home'),
    formsStayHere,
    showActs(platform),
  );
  router.get(
    '/admin/two-person-acts/:act',
    requireSession(platform),
    requireOperator(platform, 'home'),
    formsStayHere,
    showAct(platform),
  );
  router.post(
    '/admin/two-person-acts/:act/confirmation',
    sameOriginOnly,
    requireSession(platform),
    requireOperator(platform, 'home'),
    requireRecent(platform, '/admin/two-person-acts/:act'),
    formsStayHere,
    submitConfirmation(platform),
  );
  router.post(
    '/admin/two-person-acts/:act/withdrawal',
    sameOriginOnly,
    requireSession(platform),
    requireOperator(platform, 'home'),
    requireRecent(platform, '/admin/two-person-acts/:act'),
    formsStayHere,
    submitWithdrawal(platform),
  );
}
