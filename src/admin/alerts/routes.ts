import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { pagesOfConsole } from '../console-guards.ts';
import { showAlert, showAlerts, submitClosing } from './alerts.pages.ts';

/** What the watch noticed and people have to look at. */
export function routeAlerts(router: Router<RequestState>, platform: Platform): void {
  const page = pagesOfConsole(router, platform);
  page.get('/admin/alerts', { may: 'watch.read' }, showAlerts(platform));
  page.get(
    '/admin/alerts/:alert',
    { may: 'watch.read', recent: { of: 'watch.change' } },
    showAlert(platform),
  );
  page.post(
    '/admin/alerts/:alert/closing',
    { may: 'watch.change', recent: { backTo: '/admin/alerts/:alert' } },
    submitClosing(platform),
  );
}
