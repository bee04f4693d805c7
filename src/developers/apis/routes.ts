import type Router from '@koa/router';
import { requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireMember } from '../organizations/require-member.ts';
import { showApi } from './api.pages.ts';
import { showApis } from './api-list.pages.ts';
import { showNewApi, submitNewApi } from './api-registration.pages.ts';
import { routeEvents } from './events/event-routes.ts';
import { routeGateway } from './gateway/gateway-routes.ts';
import { routeProtection } from './protection-routes.ts';
import { routeReference } from './reference-routes.ts';
import { routeReports } from './reports/report-routes.ts';
import { requireApi } from './require-api.ts';
import { routeScopes } from './scopes/scope-routes.ts';
import { routeApiSettings } from './settings-routes.ts';
import { routeTerms } from './terms-routes.ts';

/** APIs as their owners see and change them. */
export function routeApis(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/developers/organizations/:organization/apis',
    requireSession(platform),
    requireMember(platform, 'read'),
    formsStayHere,
    showApis(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/new',
    requireSession(platform),
    requireMember(platform, 'build'),
    formsStayHere,
    showNewApi(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/new',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    formsStayHere,
    submitNewApi(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    formsStayHere,
    showApi(platform),
  );
  routeApiSettings(router, platform);
  routeScopes(router, platform);
  routeTerms(router, platform);
  routeReference(router, platform);
  routeProtection(router, platform);
  routeGateway(router, platform);
  routeReports(router, platform);
  routeEvents(router, platform);
}
