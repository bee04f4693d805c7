import type Router from '@koa/router';
import { requireRecent, requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireMember } from '../organizations/require-member.ts';
import {
  showApiDeletion,
  showApiSettings,
  submitApiDeletion,
  submitApiSettings,
} from './api-settings.pages.ts';
import { requireApi } from './require-api.ts';

/** What an API is called, how its tokens are, and its end. */
export function routeApiSettings(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/developers/organizations/:organization/apis/:api/settings',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    formsStayHere,
    showApiSettings,
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/settings',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApi(platform),
    formsStayHere,
    submitApiSettings(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/deletion',
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireApi(platform),
    requireRecent(platform),
    formsStayHere,
    showApiDeletion,
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/deletion',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireApi(platform),
    requireRecent(platform),
    formsStayHere,
    submitApiDeletion(platform),
  );
}
