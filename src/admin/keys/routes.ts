import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { pagesOfConsole } from '../console-guards.ts';
import { showKeys, showRotation, submitRotation } from './keys.pages.ts';

/** What tokens are signed with. */
export function routeKeys(router: Router<RequestState>, platform: Platform): void {
  const page = pagesOfConsole(router, platform);
  page.get('/admin/keys', { may: 'keys.read' }, showKeys(platform));
  page.get('/admin/keys/rotation', { may: 'keys.change', recent: true }, showRotation(platform));
  page.post('/admin/keys/rotation', { may: 'keys.change', recent: true }, submitRotation(platform));
}
