import type Router from '@koa/router';
import { requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireMember } from '../organizations/require-member.ts';
import { requireApi } from './require-api.ts';
import { showTerms, submitTerms } from './terms.pages.ts';

/** What whoever uses an API has to accept. */
export function routeTerms(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/developers/organizations/:organization/apis/:api/terms',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    formsStayHere,
    showTerms(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/terms',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireApi(platform),
    formsStayHere,
    submitTerms(platform),
  );
}
