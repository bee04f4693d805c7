import type Router from '@koa/router';
import { requireRecent, requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireRecentOfThoseWho } from '../recent-operator.ts';
import { requireOperator } from '../require-operator.ts';
import { showAlert, showAlerts, submitClosing } from './alerts.pages.ts';

/** What the watch noticed and people have to look at. */
export function routeAlerts(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/admin/alerts',
    requireSession(platform),
    requireOperator(platform, 'watch.read'),
    formsStayHere,
    showAlerts(platform),
  );
  router.get(
    '/admin/alerts/:alert',
    requireSession(platform),
    requireOperator(platform, 'watch.read'),
    requireRecentOfThoseWho('watch.change', platform),
    formsStayHere,
    showAlert(platform),
  );
  router.post(
    '/admin/alerts/:alert/closing',
    sameOriginOnly,
    requireSession(platform),
    requireOperator(platform, 'watch.change'),
    requireRecent(platform, '/admin/alerts/:alert'),
    formsStayHere,
    submitClosing(platform),
  );
}
