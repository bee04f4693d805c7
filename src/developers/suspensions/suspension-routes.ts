import type Router from '@koa/router';
import { requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireApi } from '../apis/require-api.ts';
import { requireApp } from '../clients/require-app.ts';
import { requireMember } from '../organizations/require-member.ts';
import {
  showApiSuspensions,
  showAppealInstead,
  showAppSuspensions,
  showSuspension,
  submitAppeal,
} from './suspensions.pages.ts';

/** What stops an app, an API or an organization, and the appeal against it. */
export function routeSuspensions(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/developers/organizations/:organization/apps/:client/suspensions',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApp(platform),
    formsStayHere,
    showAppSuspensions(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/suspensions',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    formsStayHere,
    showApiSuspensions(platform),
  );
  router.get(
    '/developers/organizations/:organization/suspensions/:suspension',
    requireSession(platform),
    requireMember(platform, 'read'),
    formsStayHere,
    showSuspension(platform),
  );
  router.post(
    '/developers/organizations/:organization/suspensions/:suspension/appeal',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'protect'),
    formsStayHere,
    submitAppeal(platform),
  );
  router.get(
    '/developers/organizations/:organization/suspensions/:suspension/appeal',
    requireSession(platform),
    requireMember(platform, 'read'),
    formsStayHere,
    showAppealInstead,
  );
}
