import type Router from '@koa/router';
import { requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireMember } from '../organizations/require-member.ts';
import {
  showReference,
  showReferenceInstead,
  submitReference,
  submitReferenceRemoval,
} from './api-reference.pages.ts';
import { showListedReference } from './reference-listed.pages.ts';
import { requireApi } from './require-api.ts';

/** The uploaded description of an API. */
export function routeReference(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/developers/organizations/:organization/apis/:api/reference',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    formsStayHere,
    showReference(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/reference',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApi(platform),
    formsStayHere,
    submitReference(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/reference/removal',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApi(platform),
    formsStayHere,
    submitReferenceRemoval(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/reference/removal',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    showReferenceInstead,
  );
  router.get(
    '/developers/organizations/:organization/catalogue/:listed/reference',
    requireSession(platform),
    requireMember(platform, 'read'),
    formsStayHere,
    showListedReference(platform),
  );
}
