import type Router from '@koa/router';
import { requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireApi } from '../apis/require-api.ts';
import { requireApp } from '../clients/require-app.ts';
import { requireMember } from '../organizations/require-member.ts';
import { showApiChecks, showAppChecks } from './checks/findings.pages.ts';
import { ofApi, ofApp } from './request-holder.ts';
import { downloadCalls, downloadPeople, showUsage } from './usage.pages.ts';

/** How much apps and APIs are used, and what the checks say about them. */
export function routeInsights(router: Router<RequestState>, platform: Platform): void {
  routeUsage(router, platform);
  router.get(
    '/developers/organizations/:organization/apps/:client/checks',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApp(platform),
    formsStayHere,
    showAppChecks(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/checks',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    formsStayHere,
    showApiChecks(platform),
  );
}

function routeUsage(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/developers/organizations/:organization/apps/:client/usage',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApp(platform),
    formsStayHere,
    showUsage(platform, ofApp),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/usage',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    formsStayHere,
    showUsage(platform, ofApi),
  );
  router.get(
    '/developers/organizations/:organization/apps/:client/usage/calls.csv',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApp(platform),
    downloadCalls(platform, ofApp),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/usage/calls.csv',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    downloadCalls(platform, ofApi),
  );
  router.get(
    '/developers/organizations/:organization/apps/:client/usage/people.csv',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApp(platform),
    downloadPeople(platform, ofApp),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/usage/people.csv',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    downloadPeople(platform, ofApi),
  );
}
