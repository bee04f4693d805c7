import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { pagesOfConsole } from '../console-guards.ts';
import { showClient, submitResumption } from './client.pages.ts';
import { showClients } from './clients.pages.ts';

/** Apps of every organization. What stops one is a suspension. */
export function routeClients(router: Router<RequestState>, platform: Platform): void {
  const page = pagesOfConsole(router, platform);
  page.get('/admin/clients', { may: 'apps.read' }, showClients(platform));
  page.get('/admin/clients/:client', { may: 'apps.read' }, showClient(platform));
  page.post(
    '/admin/clients/:client/resumption',
    { may: 'watch.change', recent: { backTo: '/admin/clients/:client' } },
    submitResumption(platform),
  );
}
