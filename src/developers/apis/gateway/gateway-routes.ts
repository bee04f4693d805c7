import type Router from '@koa/router';
import type { Platform } from '../../../platform/platform.ts';
import type { RequestState } from '../../../platform/web/context.ts';
import { pagesOfApi } from '../../portal-guards.ts';
import { showGateway, showGatewayInstead, submitRoute, submitRouteRemoval } from './gateway.pages.ts';
import { showRouteImport, submitRouteImport } from './route-import.pages.ts';

/** What a gateway in front of an API lets through. */
export function routeGateway(router: Router<RequestState>, platform: Platform): void {
  const api = pagesOfApi(router, platform);
  api.get('/gateway', { may: 'read' }, showGateway(platform));
  api.post('/gateway/routes', { may: 'build' }, submitRoute(platform));
  api.post('/gateway/routes/:route/removal', { may: 'build' }, submitRouteRemoval(platform));
  api.get('/gateway/reference', { may: 'build' }, showRouteImport(platform));
  api.post('/gateway/reference', { may: 'build' }, submitRouteImport(platform));
  api.get('/gateway/{*rest}', { may: 'read' }, showGatewayInstead);
}
