import type Router from '@koa/router';
import { requireRecent, requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireMember } from '../organizations/require-member.ts';
import { requireApp } from './require-app.ts';
import { showStage, showStageInstead, submitStage, submitWithdrawal } from './stages.pages.ts';
import {
  changeInvitation,
  inviteTester,
  showTesters,
  showTestersInstead,
  submitRemoval,
} from './testers.pages.ts';
import { showVerification, submitVerification } from './verification.pages.ts';

/** Who may use an app, and what we say of it: testers, going live, verification. */
export function routeStages(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/developers/organizations/:organization/apps/:client/stage',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApp(platform),
    formsStayHere,
    showStage(platform),
  );
  router.post(
    '/developers/organizations/:organization/apps/:client/stage',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireApp(platform),
    requireRecent(platform),
    formsStayHere,
    submitStage(platform),
  );
  router.post(
    '/developers/organizations/:organization/apps/:client/stage/withdrawal',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireApp(platform),
    formsStayHere,
    submitWithdrawal(platform),
  );
  router.get(
    '/developers/organizations/:organization/apps/:client/stage/withdrawal',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApp(platform),
    formsStayHere,
    showStageInstead,
  );
  router.get(
    '/developers/organizations/:organization/apps/:client/verification',
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireApp(platform),
    formsStayHere,
    showVerification(platform),
  );
  router.post(
    '/developers/organizations/:organization/apps/:client/verification',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireApp(platform),
    formsStayHere,
    submitVerification(platform),
  );
  router.get(
    '/developers/organizations/:organization/apps/:client/testers',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApp(platform),
    formsStayHere,
    showTesters(platform),
  );
  router.post(
    '/developers/organizations/:organization/apps/:client/testers',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApp(platform),
    formsStayHere,
    inviteTester(platform),
  );
  router.post(
    '/developers/organizations/:organization/apps/:client/testers/:tester/removal',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApp(platform),
    formsStayHere,
    submitRemoval(platform),
  );
  router.post(
    '/developers/organizations/:organization/apps/:client/testers/invitations/:invitation',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApp(platform),
    formsStayHere,
    changeInvitation(platform),
  );
  router.get(
    '/developers/organizations/:organization/apps/:client/testers/{*rest}',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApp(platform),
    formsStayHere,
    showTestersInstead,
  );
}
