import type Router from '@koa/router';
import { requireRecent, requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { showInvitations, submitInvitation, submitRenewal, submitWithdrawal } from './invitations.pages.ts';
import { showMember, showMembers, showRemoval, submitRemoval, submitRole } from './members.pages.ts';
import { requireMember } from './require-member.ts';

/** Who belongs to an organization and who is asked to; only owners decide it. */
export function routeMembers(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/developers/organizations/:organization/members',
    requireSession(platform),
    requireMember(platform, 'read'),
    formsStayHere,
    showMembers(platform),
  );
  router.get(
    '/developers/organizations/:organization/members/:member',
    requireSession(platform),
    requireMember(platform, 'read'),
    formsStayHere,
    showMember(platform),
  );
  router.post(
    '/developers/organizations/:organization/members/:member',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireRecent(platform, '/developers/organizations/:organization/members/:member'),
    formsStayHere,
    submitRole(platform),
  );
  router.get(
    '/developers/organizations/:organization/members/:member/removal',
    requireSession(platform),
    requireMember(platform, 'govern'),
    formsStayHere,
    showRemoval(platform),
  );
  router.post(
    '/developers/organizations/:organization/members/:member/removal',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireRecent(platform, '/developers/organizations/:organization/members/:member/removal'),
    formsStayHere,
    submitRemoval(platform),
  );
  router.get(
    '/developers/organizations/:organization/invitations',
    requireSession(platform),
    requireMember(platform, 'govern'),
    formsStayHere,
    showInvitations(platform),
  );
  router.post(
    '/developers/organizations/:organization/invitations',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireRecent(platform, '/developers/organizations/:organization/invitations'),
    formsStayHere,
    submitInvitation(platform),
  );
  router.post(
    '/developers/organizations/:organization/invitations/:invitation/renewal',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireRecent(platform, '/developers/organizations/:organization/invitations'),
    formsStayHere,
    submitRenewal(platform),
  );
  router.post(
    '/developers/organizations/:organization/invitations/:invitation/withdrawal',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'govern'),
    formsStayHere,
    submitWithdrawal(platform),
  );
}
