import type Router from '@koa/router';
import { requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import {
  showNewOrganization,
  showOrganizations,
  showPortal,
  submitNewOrganization,
} from './organizations.pages.ts';
import { showOverview } from './overview.pages.ts';
import { showActivity } from './activity.pages.ts';
import { routeInvitations } from './invitation-routes.ts';
import { routeMembers } from './member-routes.ts';
import { requireMember } from './require-member.ts';
import { routeSettings } from './settings-routes.ts';

/** Who belongs to an organization, and what belongs to it. */
export function routeOrganizations(router: Router<RequestState>, platform: Platform): void {
  router.get('/developers', requireSession(platform), formsStayHere, showPortal(platform));
  router.get(
    '/developers/organizations',
    requireSession(platform),
    formsStayHere,
    showOrganizations(platform),
  );
  router.get('/developers/organizations/new', requireSession(platform), formsStayHere, showNewOrganization);
  router.post(
    '/developers/organizations/new',
    sameOriginOnly,
    requireSession(platform),
    formsStayHere,
    submitNewOrganization(platform),
  );
  router.get(
    '/developers/organizations/:organization',
    requireSession(platform),
    requireMember(platform, 'read'),
    formsStayHere,
    showOverview(platform),
  );
  router.get(
    '/developers/organizations/:organization/activity',
    requireSession(platform),
    requireMember(platform, 'read'),
    formsStayHere,
    showActivity(platform),
  );
  routeMembers(router, platform);
  routeSettings(router, platform);
  routeInvitations(router, platform);
}
