import type Router from '@koa/router';
import { requireRecent, requireSession } from '../../accounts/sign-in/require-session.ts';
import { limitBy } from '../../defense/limits/limit-by.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { publicRoute } from '../../platform/web/guards.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireMember, requireRecentOfThoseWho } from '../organizations/require-member.ts';
import { showCodes, showNewCode, submitCodeEnding, submitNewCode } from './access-codes.pages.ts';
import { showRequest, showRequests, submitApproval, submitRefusal } from './access-requests.pages.ts';
import {
  showAccess,
  showAccesses,
  showAccessEnding,
  submitAccess,
  submitAccessEnding,
} from './accesses.pages.ts';
import {
  showNewOpening,
  showOpeningEnding,
  showOpenings,
  submitNewOpening,
  submitOpeningEnding,
} from './openings.pages.ts';
import { submitRedemptionWithoutAccount } from './redemptions.pages.ts';
import { requireApi } from '../apis/require-api.ts';

/** How owners of an API let others in, and out again. */
export function routeAccess(router: Router<RequestState>, platform: Platform): void {
  // No account, no cookie: the code itself is what is presented.
  router.post(
    '/access-codes/redemptions',
    sameOriginOnly,
    limitBy(platform, 'redemptions'),
    publicRoute,
    submitRedemptionWithoutAccount(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/openings',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    formsStayHere,
    showOpenings(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/openings/new',
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireApi(platform),
    requireRecent(platform, '/developers/organizations/:organization/apis/:api/openings/new'),
    formsStayHere,
    showNewOpening(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/openings/new',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireApi(platform),
    requireRecent(platform, '/developers/organizations/:organization/apis/:api/openings/new'),
    formsStayHere,
    submitNewOpening(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/openings/:opening/ending',
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireApi(platform),
    formsStayHere,
    showOpeningEnding(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/openings/:opening/ending',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireApi(platform),
    formsStayHere,
    submitOpeningEnding(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/access-requests',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    formsStayHere,
    showRequests(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/access-requests/:request',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    requireRecentOfThoseWho('govern', platform),
    formsStayHere,
    showRequest(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/access-requests/:request/approval',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireApi(platform),
    requireRecent(platform, '/developers/organizations/:organization/apis/:api/access-requests/:request'),
    formsStayHere,
    submitApproval(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/access-requests/:request/refusal',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireApi(platform),
    formsStayHere,
    submitRefusal(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/accesses',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    formsStayHere,
    showAccesses(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/accesses/:access',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    formsStayHere,
    showAccess(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/accesses/:access',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireApi(platform),
    requireRecent(platform, '/developers/organizations/:organization/apis/:api/accesses/:access'),
    formsStayHere,
    submitAccess(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/accesses/:access/ending',
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApi(platform),
    formsStayHere,
    showAccessEnding(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/accesses/:access/ending',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApi(platform),
    formsStayHere,
    submitAccessEnding(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/access-codes',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    formsStayHere,
    showCodes(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/access-codes/new',
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireApi(platform),
    requireRecent(platform, '/developers/organizations/:organization/apis/:api/access-codes/new'),
    formsStayHere,
    showNewCode(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/access-codes/new',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireApi(platform),
    requireRecent(platform, '/developers/organizations/:organization/apis/:api/access-codes/new'),
    formsStayHere,
    submitNewCode(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/access-codes/:code/ending',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireApi(platform),
    formsStayHere,
    submitCodeEnding(platform),
  );
}
