import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { pagesOfApi } from '../portal-guards.ts';
import { showTerms, submitTerms } from './terms.pages.ts';

/** What whoever uses an API has to accept. */
export function routeTerms(router: Router<RequestState>, platform: Platform): void {
  const api = pagesOfApi(router, platform);
  api.get('/terms', { may: 'read' }, showTerms(platform));
  api.post('/terms', { may: 'govern' }, submitTerms(platform));
}
