import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { pagesOfApi, pagesOfOrganization } from '../portal-guards.ts';
import { showApi } from './api.pages.ts';
import { showApis } from './api-list.pages.ts';
import { showNewApi, submitNewApi } from './api-registration.pages.ts';
import { routeEvents } from './events/event-routes.ts';
import { routeGateway } from './gateway/gateway-routes.ts';
import { routeProtection } from './protection-routes.ts';
import { routeReference } from './reference-routes.ts';
import { routeReports } from './reports/report-routes.ts';
import { routeScopes } from './scopes/scope-routes.ts';
import { routeApiSettings } from './settings-routes.ts';
import { routeTerms } from './terms-routes.ts';

/** APIs as their owners see and change them. */
export function routeApis(router: Router<RequestState>, platform: Platform): void {
  const organization = pagesOfOrganization(router, platform);
  const api = pagesOfApi(router, platform);
  organization.get('/apis', { may: 'read' }, showApis(platform));
  organization.get('/apis/new', { may: 'build' }, showNewApi(platform));
  organization.post('/apis/new', { may: 'build' }, submitNewApi(platform));
  api.get('', { may: 'read' }, showApi(platform));
  routeApiSettings(router, platform);
  routeScopes(router, platform);
  routeTerms(router, platform);
  routeReference(router, platform);
  routeProtection(router, platform);
  routeGateway(router, platform);
  routeReports(router, platform);
  routeEvents(router, platform);
}
