import type Router from '@koa/router';
import { requireSession } from '../../accounts/sign-in/require-session.ts';
import { limitBy } from '../../defense/limits/limit-by.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireMember } from '../organizations/require-member.ts';
import { requireApp } from '../clients/require-app.ts';
import {
  showAppAccess,
  showTermsToAccept,
  submitGivingBack,
  submitRedemption,
  submitTermsToAccept,
  submitWithdrawal,
} from './app-access.pages.ts';
import { showCatalogue, showListed, submitAsking, submitTaking } from './catalogue.pages.ts';

/** How developers find APIs of others, and get access for their apps. */
export function routeCatalogue(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/developers/organizations/:organization/catalogue',
    requireSession(platform),
    requireMember(platform, 'read'),
    formsStayHere,
    showCatalogue(platform),
  );
  router.get(
    '/developers/organizations/:organization/catalogue/:listed',
    requireSession(platform),
    requireMember(platform, 'read'),
    formsStayHere,
    showListed(platform),
  );
  router.post(
    '/developers/organizations/:organization/catalogue/:listed/accesses',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    formsStayHere,
    submitTaking(platform),
  );
  router.post(
    '/developers/organizations/:organization/catalogue/:listed/access-requests',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    formsStayHere,
    submitAsking(platform),
  );
  router.get(
    '/developers/organizations/:organization/apps/:client/access',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApp(platform),
    formsStayHere,
    showAppAccess(platform),
  );
  router.post(
    '/developers/organizations/:organization/apps/:client/access/requests/:request/withdrawal',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApp(platform),
    formsStayHere,
    submitWithdrawal(platform),
  );
  router.post(
    '/developers/organizations/:organization/apps/:client/access/:access/ending',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApp(platform),
    formsStayHere,
    submitGivingBack(platform),
  );
  router.get(
    '/developers/organizations/:organization/apps/:client/access/terms/:listed',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApp(platform),
    formsStayHere,
    showTermsToAccept(platform),
  );
  router.post(
    '/developers/organizations/:organization/apps/:client/access/terms/:listed',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApp(platform),
    formsStayHere,
    submitTermsToAccept(platform),
  );
  router.post(
    '/developers/organizations/:organization/apps/:client/access/redemptions',
    sameOriginOnly,
    limitBy(platform, 'redemptions'),
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApp(platform),
    formsStayHere,
    submitRedemption(platform),
  );
}
