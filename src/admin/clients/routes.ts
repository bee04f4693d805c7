import type Router from '@koa/router';
import { requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireOperator } from '../require-operator.ts';
import { showClient } from './client.pages.ts';
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
}
