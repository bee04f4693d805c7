import type Router from '@koa/router';
import { requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import {
  showHost,
  showHostInstead,
  showHosts,
  submitHost,
  submitHostRemoval,
  submitProof,
} from './hosts.pages.ts';
import { requireMember } from './require-member.ts';

/** The hosts that an organization shows to be its own. */
export function routeHosts(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/developers/organizations/:organization/hosts',
    requireSession(platform),
    requireMember(platform, 'read'),
    formsStayHere,
    showHosts(platform),
  );
  router.post(
    '/developers/organizations/:organization/hosts',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    formsStayHere,
    submitHost(platform),
  );
  router.get(
    '/developers/organizations/:organization/hosts/:host',
    requireSession(platform),
    requireMember(platform, 'read'),
    formsStayHere,
    showHost(platform),
  );
  router.post(
    '/developers/organizations/:organization/hosts/:host/proofs',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    formsStayHere,
    submitProof(platform),
  );
  router.post(
    '/developers/organizations/:organization/hosts/:host/removal',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'govern'),
    formsStayHere,
    submitHostRemoval(platform),
  );
  router.get(
    '/developers/organizations/:organization/hosts/:host/:button',
    requireSession(platform),
    requireMember(platform, 'read'),
    showHostInstead,
  );
}
