import type Router from '@koa/router';
import { requireSession } from '../../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../../platform/platform.ts';
import type { RequestState } from '../../../platform/web/context.ts';
import { sameOriginOnly } from '../../../platform/web/csrf.ts';
import { formsStayHere } from '../../../platform/web/security-headers.ts';
import { requireMember } from '../../organizations/require-member.ts';
import { requireApi } from '../require-api.ts';
import { showScope, showScopes, submitScope } from './scope-editor.pages.ts';
import { showScopeRemoval, submitScopeRemoval } from './scope-removal.pages.ts';

/** What an API lets apps do. */
export function routeScopes(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/developers/organizations/:organization/apis/:api/scopes',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    formsStayHere,
    showScopes(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/scopes/new',
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApi(platform),
    formsStayHere,
    showScope(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/scopes/new',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApi(platform),
    formsStayHere,
    submitScope(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/scopes/by-name/:scope',
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApi(platform),
    formsStayHere,
    showScope(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/scopes/by-name/:scope',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApi(platform),
    formsStayHere,
    submitScope(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/scopes/by-name/:scope/removal',
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireApi(platform),
    formsStayHere,
    showScopeRemoval(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/scopes/by-name/:scope/removal',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireApi(platform),
    formsStayHere,
    submitScopeRemoval(platform),
  );
}
