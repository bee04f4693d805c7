import type Router from '@koa/router';
import { requireRecent, requireSession } from '../../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../../platform/platform.ts';
import type { RequestState } from '../../../platform/web/context.ts';
import { sameOriginOnly } from '../../../platform/web/csrf.ts';
import { formsStayHere } from '../../../platform/web/security-headers.ts';
import { requireMember } from '../../organizations/require-member.ts';
import { requireApi } from '../require-api.ts';
import {
  showNewReportKey,
  showReportKeyEnd,
  submitNewReportKey,
  submitReportKeyEnd,
} from './report-keys.pages.ts';
import { showReports } from './reports.pages.ts';

/** What an API says of tokens that misbehave, and the keys it signs that with. */
export function routeReports(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/developers/organizations/:organization/apis/:api/reports',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    formsStayHere,
    showReports(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/reports/keys/new',
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApi(platform),
    requireRecent(platform),
    formsStayHere,
    showNewReportKey,
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/reports/keys/new',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApi(platform),
    requireRecent(platform),
    formsStayHere,
    submitNewReportKey(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/reports/keys/:key/ending',
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApi(platform),
    requireRecent(platform),
    formsStayHere,
    showReportKeyEnd(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/reports/keys/:key/ending',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApi(platform),
    requireRecent(platform),
    formsStayHere,
    submitReportKeyEnd(platform),
  );
}
