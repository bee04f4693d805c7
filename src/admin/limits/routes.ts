import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { pagesOfConsole } from '../console-guards.ts';
import { showLimits, submitReset } from './limits.pages.ts';

/** How much may be asked of the service, and who asks for too much. */
export function routeLimits(router: Router<RequestState>, platform: Platform): void {
  const page = pagesOfConsole(router, platform);
  page.get('/admin/limits', { may: 'watch.read' }, showLimits(platform));
  page.post(
    '/admin/limits/resets',
    { may: 'watch.change', recent: { backTo: '/admin/limits' } },
    submitReset(platform),
  );
}
