import type Router from '@koa/router';
import { limitBy } from '../../defense/limits/limit-by.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { publicRoute } from '../../platform/web/guards.ts';
import { pagesOfApi } from '../portal-guards.ts';
import { showCodes, showNewCode, submitCodeEnding, submitNewCode } from './access-codes.pages.ts';
import { showRequest, showRequests, submitApproval, submitRefusal } from './access-requests.pages.ts';
import {
  showAccess,
  showAccessEnding,
  showAccesses,
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
  const api = pagesOfApi(router, platform);
  api.get('/openings', { may: 'read' }, showOpenings(platform));
  api.get('/openings/new', { may: 'govern', recent: true }, showNewOpening(platform));
  api.post('/openings/new', { may: 'govern', recent: true }, submitNewOpening(platform));
  api.get('/openings/:opening/ending', { may: 'govern' }, showOpeningEnding(platform));
  api.post('/openings/:opening/ending', { may: 'govern' }, submitOpeningEnding(platform));
  api.get('/access-requests', { may: 'read' }, showRequests(platform));
  api.get('/access-requests/:request', { may: 'read', recent: { of: 'govern' } }, showRequest(platform));
  api.post(
    '/access-requests/:request/approval',
    { may: 'govern', recent: { backTo: '/access-requests/:request' } },
    submitApproval(platform),
  );
  api.post('/access-requests/:request/refusal', { may: 'govern' }, submitRefusal(platform));
  api.get('/accesses', { may: 'read' }, showAccesses(platform));
  api.get('/accesses/:access', { may: 'read' }, showAccess(platform));
  api.post('/accesses/:access', { may: 'govern', recent: true }, submitAccess(platform));
  api.get('/accesses/:access/ending', { may: 'protect' }, showAccessEnding(platform));
  api.post('/accesses/:access/ending', { may: 'protect' }, submitAccessEnding(platform));
  api.get('/access-codes', { may: 'read' }, showCodes(platform));
  api.get('/access-codes/new', { may: 'govern', recent: true }, showNewCode(platform));
  api.post('/access-codes/new', { may: 'govern', recent: true }, submitNewCode(platform));
  api.post('/access-codes/:code/ending', { may: 'govern' }, submitCodeEnding(platform));
}
