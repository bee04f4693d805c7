import Router from '@koa/router';
import { limitBy } from '../defense/limits/limit-by.ts';
import type { Engine } from '../oidc/provider.ts';
import type { Platform } from '../platform/platform.ts';
import type { RequestState } from '../platform/web/context.ts';
import { sameOriginOnly } from '../platform/web/csrf.ts';
import { publicRoute } from '../platform/web/guards.ts';
import { answerCheck } from './check.pages.ts';
import { submitSecurityEvent } from './security-events.pages.ts';

/** What other programs of an API's owner ask and tell: they prove themselves with what is the API's own, in the handler. */
export function managementRoutes(platform: Platform, engine: Engine): Router<RequestState> {
  const router = new Router<RequestState>({ sensitive: true });
  router.all('/check', publicRoute, answerCheck(platform, engine));
  router.all('/check/{*call}', publicRoute, answerCheck(platform, engine));
  router.post(
    '/security-events',
    publicRoute,
    sameOriginOnly,
    limitBy(platform, 'unproven'),
    submitSecurityEvent(platform, engine),
  );
  return router;
}
