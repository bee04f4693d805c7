import type Router from '@koa/router';
import { requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireApi } from '../apis/require-api.ts';
import { requireApp } from '../clients/require-app.ts';
import { requireMember } from '../organizations/require-member.ts';
import { ofApi, ofApp, showRequests, tailRequests } from './requests.pages.ts';

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
    requireApp(platform),
    tailRequests(platform, ofApp),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/requests/tail',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    tailRequests(platform, ofApi),
  );
}
