import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { pagesOfOrganization } from '../portal-guards.ts';
import { showInvitations, submitInvitation, submitRenewal, submitWithdrawal } from './invitations.pages.ts';
import { showMember, showMembers, showRemoval, submitRemoval, submitRole } from './members.pages.ts';

/** Who belongs to an organization and who is asked to; only owners decide it. */
export function routeMembers(router: Router<RequestState>, platform: Platform): void {
  const organization = pagesOfOrganization(router, platform);
  organization.get('/members', { may: 'read' }, showMembers(platform));
  organization.get('/members/:member', { may: 'read' }, showMember(platform));
  organization.post('/members/:member', { may: 'govern', recent: true }, submitRole(platform));
  organization.get('/members/:member/removal', { may: 'govern' }, showRemoval(platform));
  organization.post('/members/:member/removal', { may: 'govern', recent: true }, submitRemoval(platform));
  organization.get('/invitations', { may: 'govern' }, showInvitations(platform));
  organization.post('/invitations', { may: 'govern', recent: true }, submitInvitation(platform));
  organization.post(
    '/invitations/:invitation/renewal',
    { may: 'govern', recent: { backTo: '/invitations' } },
    submitRenewal(platform),
  );
  organization.post('/invitations/:invitation/withdrawal', { may: 'govern' }, submitWithdrawal(platform));
}
