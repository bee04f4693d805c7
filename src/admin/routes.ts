import Router from '@koa/router';
import { limitPages } from '../accounts/sessions/limit-person.ts';
import { speakToDevelopers } from '../developers/portal-language.ts';
import type { Platform } from '../platform/platform.ts';
import type { RequestState } from '../platform/web/context.ts';
import { routeAccounts } from './accounts/routes.ts';
import { routeActs } from './act-routes.ts';
import { routeAlerts } from './alerts/routes.ts';
import { routeClients } from './clients/routes.ts';
import { pagesOfConsole } from './console-guards.ts';
import { routeEvents } from './events/routes.ts';
import { showHome } from './home.pages.ts';
import { routeKeys } from './keys/routes.ts';
import { routeLimits } from './limits/routes.ts';
import { routeOperators } from './operator-routes.ts';
import { routeOrganizations } from './organizations/routes.ts';
import { routeReviews } from './reviews/routes.ts';
import { routeAppeals, routeSuspensions } from './suspensions/routes.ts';

/** The console, room by room. */
export function adminRoutes(platform: Platform): Router<RequestState> {
  const router = new Router<RequestState>();
  router.use(
    '/admin',
    speakToDevelopers,
    limitPages(platform, { looks: 'portal', changes: 'portal-changes' }),
  );
  const page = pagesOfConsole(router, platform);
  page.get('/admin', { may: 'home' }, showHome(platform));
  routeOrganizations(router, platform);
  routeClients(router, platform);
  routeReviews(router, platform);
  routeAccounts(router, platform);
  routeAlerts(router, platform);
  routeLimits(router, platform);
  routeEvents(router, platform);
  routeKeys(router, platform);
  routeActs(router, platform);
  routeOperators(router, platform);
  routeSuspensions(router, platform);
  routeAppeals(router, platform);
  return router;
}
