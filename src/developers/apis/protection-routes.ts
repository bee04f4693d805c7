import type Router from '@koa/router';
import { requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireMember } from '../organizations/require-member.ts';
import { showProtection } from './protection.pages.ts';
import { requireApi } from './require-api.ts';

/** How an API is protected; what a pasted token is worth is answered where tokens are known (oidc/token-checks). */
export function routeProtection(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/developers/organizations/:organization/apis/:api/protection',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    formsStayHere,
    showProtection(platform),
  );
}
