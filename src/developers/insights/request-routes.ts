import type Router from '@koa/router';
import { requireRecent, requireSession } from '../../accounts/sign-in/require-session.ts';
import { limitBy } from '../../defense/limits/limit-by.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireApi } from '../apis/require-api.ts';
import { requireApp } from '../clients/require-app.ts';
import { memberOf, requireMember } from '../organizations/require-member.ts';
import { showAddition, submitAddition } from './redirect-addition.pages.ts';
import { showRequest } from './request.pages.ts';
import { ofApi, ofApp } from './request-holder.ts';
import { showRequests, tailRequests } from './requests.pages.ts';

/** The request inspector of apps and APIs. */
export function routeRequests(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/developers/organizations/:organization/apps/:client/requests',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApp(platform),
    formsStayHere,
    showRequests(platform, ofApp),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/requests',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    formsStayHere,
    showRequests(platform, ofApi),
  );
  router.get(
    '/developers/organizations/:organization/apps/:client/requests/tail',
    requireSession(platform),
    requireMember(platform, 'read'),
    limitBy(platform, 'live-tails', (ctx) => memberOf(ctx).organization.id),
    requireApp(platform),
    tailRequests(platform, ofApp),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/requests/tail',
    requireSession(platform),
    requireMember(platform, 'read'),
    limitBy(platform, 'live-tails', (ctx) => memberOf(ctx).organization.id),
    requireApi(platform),
    tailRequests(platform, ofApi),
  );
  router.get(
    '/developers/organizations/:organization/apps/:client/requests/:request',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApp(platform),
    formsStayHere,
    showRequest(platform, ofApp),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/requests/:request',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    formsStayHere,
    showRequest(platform, ofApi),
  );
  // Right after the error page: whoever adds a redirect URI has proven just now who they are.
  router.get(
    '/developers/organizations/:organization/apps/:client/redirect-uris/additions',
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApp(platform),
    requireRecent(platform),
    formsStayHere,
    showAddition(platform),
  );
  router.post(
    '/developers/organizations/:organization/apps/:client/redirect-uris/additions',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApp(platform),
    requireRecent(platform),
    formsStayHere,
    submitAddition(platform),
  );
}
