import Router from '@koa/router';
import { limitPages } from '../accounts/sessions/limit-person.ts';
import type { Platform } from '../platform/platform.ts';
import type { RequestState } from '../platform/web/context.ts';
import { routeAccess } from './access/access-routes.ts';
import { routeCatalogue } from './access/catalogue-routes.ts';
import { routeApis } from './apis/routes.ts';
import { routeRequests } from './insights/request-routes.ts';
import { routeInsights } from './insights/routes.ts';
import { routeHosts } from './organizations/host-routes.ts';
import { routeCredentials } from './clients/credentials/credential-routes.ts';
import { routeApps } from './clients/routes.ts';
import { routeStages } from './clients/stage-routes.ts';
import { routeOrganizations } from './organizations/routes.ts';
import { routeSuspensions } from './suspensions/suspension-routes.ts';
import { routeSupport } from './support/routes.ts';
import { speakToDevelopers } from './portal-language.ts';

/** The portal, room by room. */
export function developerRoutes(platform: Platform): Router<RequestState> {
  const router = new Router<RequestState>();
  router.use(
    '/developers',
    speakToDevelopers,
    limitPages(platform, { looks: 'portal', changes: 'portal-changes' }),
  );
  routeOrganizations(router, platform);
  routeApps(router, platform);
  routeStages(router, platform);
  routeCredentials(router, platform);
  routeApis(router, platform);
  routeAccess(router, platform);
  routeCatalogue(router, platform);
  routeHosts(router, platform);
  routeRequests(router, platform);
  routeInsights(router, platform);
  routeSuspensions(router, platform);
  routeSupport(router, platform);
  return router;
}
