import type Router from '@koa/router';
import { requireRecent, requireSession } from '../../accounts/sign-in/require-session.ts';
import { limitBy } from '../../defense/limits/limit-by.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { publicRoute } from '../../platform/web/guards.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import {
  backToInvitation,
  showInvitation,
  submitAcceptance,
  submitInvitedSignUp,
  submitRefusal,
} from './invitation-answers.pages.ts';

/** Where the letter of an invitation leads: for everybody, in their own language. */
export function routeInvitations(router: Router<RequestState>, platform: Platform): void {
  router.get('/invitations/:invitation', publicRoute, formsStayHere, showInvitation(platform));
  router.post(
    '/invitations/:invitation/sign-up',
    sameOriginOnly,
    limitBy(platform, 'invitations'),
    publicRoute,
    formsStayHere,
    submitInvitedSignUp(platform),
  );
  router.get('/invitations/:invitation/acceptance', requireSession(platform), backToInvitation);
  router.get('/invitations/:invitation/refusal', requireSession(platform), backToInvitation);
  router.post(
    '/invitations/:invitation/acceptance',
    sameOriginOnly,
    limitBy(platform, 'invitations'),
    requireSession(platform),
    requireRecent(platform, '/invitations/:invitation'),
    formsStayHere,
    submitAcceptance(platform),
  );
  router.post(
    '/invitations/:invitation/refusal',
    sameOriginOnly,
    limitBy(platform, 'invitations'),
    requireSession(platform),
    formsStayHere,
    submitRefusal(platform),
  );
}
