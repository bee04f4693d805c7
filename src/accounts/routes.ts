import Router from '@koa/router';
import type { Platform } from '../platform/platform.ts';
import type { RequestState } from '../platform/web/context.ts';
import { routeAccountChanges } from './area/change-routes.ts';
import type { DataPart } from './area/personal-data.ts';
import { routeAccountArea } from './area/routes.ts';
import { speakTheirLanguage } from './area/their-language.ts';
import { limitPages } from './sessions/limit-person.ts';
import { routeRecovery } from './recovery/routes.ts';
import { routeSessions } from './sessions/routes.ts';
import { routeSignIn } from './sign-in/routes.ts';
import { routeSignUp } from './sign-up/routes.ts';

/** How people get in and out, and their own pages. `dataParts` is what upper floors hold about a person. */
export function accountRoutes(
  platform: Platform,
  { dataParts = [] }: { dataParts?: readonly DataPart[] } = {},
): Router<RequestState> {
  const router = new Router<RequestState>();
  router.use(speakTheirLanguage(platform));
  router.use('/account', limitPages(platform, { changes: 'account-changes' }));
  routeSignUp(router, platform);
  routeSignIn(router, platform);
  routeRecovery(router, platform);
  routeSessions(router, platform);
  routeAccountArea(router, platform, dataParts);
  routeAccountChanges(router, platform);
  return router;
}
