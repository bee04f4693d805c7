import type Router from '@koa/router';
import { requireRecent, requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireOperator } from '../require-operator.ts';
import { showClient, submitResumption } from './client.pages.ts';
import { showClients } from './clients.pages.ts';

/** Apps of every organization. What stops one is a suspension. */
export function routeClients(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/admin/clients',
    requireSession(platform),
    requireOperator(platform, 'apps.read'),
    formsStayHere,
    showClients(platform),
  );
  router.get(
    '/admin/clients/:client',
    requireSession(platform),
    requireOperator(platform, 'apps.read'),
    formsStayHere,
    showClient(platform),
  );
  router.post(
    '/admin/clients/:client/resumption',
    sameOriginOnly,
    requireSession(platform),
    requireOperator(platform, 'watch.change'),
    requireRecent(platform, '/admin/clients/:client'),
    formsStayHere,
    submitResumption(platform),
  );
}
