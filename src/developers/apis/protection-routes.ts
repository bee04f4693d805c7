import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { pagesOfApi } from '../portal-guards.ts';
import { showProtection } from './protection.pages.ts';

/** How an API is protected; what a pasted token is worth is answered where tokens are known (oidc/token-checks). */
export function routeProtection(router: Router<RequestState>, platform: Platform): void {
  const api = pagesOfApi(router, platform);
  api.get('/protection', { may: 'read' }, showProtection(platform));
}
