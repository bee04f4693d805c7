import type Router from '@koa/router';
import { requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { pagesOfOrganization } from '../portal-guards.ts';
import { showActivity } from './activity.pages.ts';
import { routeInvitations } from './invitation-routes.ts';
import { routeMembers } from './member-routes.ts';
import {
  showNewOrganization,
  showOrganizations,
  showPortal,
  submitNewOrganization,
} from './organizations.pages.ts';
import { showOverview } from './overview.pages.ts';
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
  const organization = pagesOfOrganization(router, platform);
  organization.get('', { may: 'read' }, showOverview(platform));
  organization.get('/activity', { may: 'read' }, showActivity(platform));
  routeMembers(router, platform);
  routeSettings(router, platform);
  routeInvitations(router, platform);
}
