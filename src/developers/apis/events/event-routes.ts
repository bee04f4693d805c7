import type Router from '@koa/router';
import { requireRecent, requireSession } from '../../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../../platform/platform.ts';
import type { RequestState } from '../../../platform/web/context.ts';
import { sameOriginOnly } from '../../../platform/web/csrf.ts';
import { formsStayHere } from '../../../platform/web/security-headers.ts';
import { requireMember } from '../../organizations/require-member.ts';
import { requireApi } from '../require-api.ts';
import { submitRepetition } from './deliveries.pages.ts';
import {
  showNewTarget,
  showTargets,
  showTargetsInstead,
  submitNewTarget,
  submitStop,
  submitTest,
} from './event-targets.pages.ts';
import {
  showSecretRotation,
  showTarget,
  showTargetRemoval,
  submitSecretRotation,
  submitTarget,
  submitTargetRemoval,
} from './target-changes.pages.ts';

/** Where an API is told of events. What changes where they go, or what signs them, asks for a proof. */
export function routeEvents(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/developers/organizations/:organization/apis/:api/events',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    formsStayHere,
    showTargets(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/events/new',
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApi(platform),
    requireRecent(platform),
    formsStayHere,
    showNewTarget,
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/events/new',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApi(platform),
    requireRecent(platform),
    formsStayHere,
    submitNewTarget(platform),
  );
  routeTargetChanges(router, platform);
  router.post(
    '/developers/organizations/:organization/apis/:api/events/targets/:target/tests',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApi(platform),
    formsStayHere,
    submitTest(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/events/targets/:target/stops',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApi(platform),
    formsStayHere,
    submitStop(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/events/deliveries/:delivery/repetitions',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApi(platform),
    formsStayHere,
    submitRepetition(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/events/{*rest}',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    showTargetsInstead,
  );
}

function routeTargetChanges(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/developers/organizations/:organization/apis/:api/events/targets/:target',
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApi(platform),
    requireRecent(platform),
    formsStayHere,
    showTarget(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/events/targets/:target',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApi(platform),
    requireRecent(platform),
    formsStayHere,
    submitTarget(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/events/targets/:target/rotation',
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApi(platform),
    requireRecent(platform),
    formsStayHere,
    showSecretRotation(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/events/targets/:target/rotation',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApi(platform),
    requireRecent(platform),
    formsStayHere,
    submitSecretRotation(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/events/targets/:target/removal',
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApi(platform),
    requireRecent(platform),
    formsStayHere,
    showTargetRemoval(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/events/targets/:target/removal',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApi(platform),
    requireRecent(platform),
    formsStayHere,
    submitTargetRemoval(platform),
  );
}
