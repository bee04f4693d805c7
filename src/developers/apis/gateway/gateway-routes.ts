import type Router from '@koa/router';
import { requireSession } from '../../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../../platform/platform.ts';
import type { RequestState } from '../../../platform/web/context.ts';
import { sameOriginOnly } from '../../../platform/web/csrf.ts';
import { formsStayHere } from '../../../platform/web/security-headers.ts';
import { requireMember } from '../../organizations/require-member.ts';
import { requireApi } from '../require-api.ts';
import { showGateway, showGatewayInstead, submitRoute, submitRouteRemoval } from './gateway.pages.ts';
import { showRouteImport, submitRouteImport } from './route-import.pages.ts';

/** What a gateway in front of an API lets through. */
export function routeGateway(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/developers/organizations/:organization/apis/:api/gateway',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    formsStayHere,
    showGateway(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/gateway/routes',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApi(platform),
    formsStayHere,
    submitRoute(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/gateway/routes/:route/removal',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApi(platform),
    formsStayHere,
    submitRouteRemoval(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/gateway/reference',
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApi(platform),
    formsStayHere,
    showRouteImport(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/gateway/reference',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApi(platform),
    formsStayHere,
    submitRouteImport(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/gateway/{*rest}',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    showGatewayInstead,
  );
}
