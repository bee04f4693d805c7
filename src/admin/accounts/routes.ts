import type Router from '@koa/router';
import { requireRecent, requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireOperator } from '../require-operator.ts';
import { showChange, submitChange } from './account-changes.pages.ts';
import { showAccount, showSearch, submitSearch } from './accounts.pages.ts';

/** People, one at a time: looked up by an exact address or id. */
export function routeAccounts(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/admin/accounts',
    requireSession(platform),
    requireOperator(platform, 'accounts.read'),
    formsStayHere,
    showSearch,
  );
  router.post(
    '/admin/accounts/search',
    sameOriginOnly,
    requireSession(platform),
    requireOperator(platform, 'accounts.read'),
    formsStayHere,
    submitSearch(platform),
  );
  router.get(
    '/admin/accounts/:account',
    requireSession(platform),
    requireOperator(platform, 'accounts.read'),
    formsStayHere,
    showAccount(platform),
  );
  router.get(
    '/admin/accounts/:account/suspension',
    requireSession(platform),
    requireOperator(platform, 'accounts.change'),
    requireRecent(platform),
    formsStayHere,
    showChange(platform, 'suspension'),
  );
  router.post(
    '/admin/accounts/:account/suspension',
    sameOriginOnly,
    requireSession(platform),
    requireOperator(platform, 'accounts.change'),
    requireRecent(platform, '/admin/accounts/:account/suspension'),
    formsStayHere,
    submitChange(platform, 'suspension'),
  );
  router.get(
    '/admin/accounts/:account/resumption',
    requireSession(platform),
    requireOperator(platform, 'accounts.change'),
    requireRecent(platform),
    formsStayHere,
    showChange(platform, 'resumption'),
  );
  router.post(
    '/admin/accounts/:account/resumption',
    sameOriginOnly,
    requireSession(platform),
    requireOperator(platform, 'accounts.change'),
    requireRecent(platform, '/admin/accounts/:account/resumption'),
    formsStayHere,
    submitChange(platform, 'resumption'),
  );
  router.get(
    '/admin/accounts/:account/session-endings',
    requireSession(platform),
    requireOperator(platform, 'accounts.change'),
    requireRecent(platform),
    formsStayHere,
    showChange(platform, 'session-endings'),
  );
  router.post(
    '/admin/accounts/:account/session-endings',
    sameOriginOnly,
    requireSession(platform),
    requireOperator(platform, 'accounts.change'),
    requireRecent(platform, '/admin/accounts/:account/session-endings'),
    formsStayHere,
    submitChange(platform, 'session-endings'),
  );
  router.get(
    '/admin/accounts/:account/factor-reset',
    requireSession(platform),
    requireOperator(platform, 'accounts.change'),
    requireRecent(platform),
    formsStayHere,
    showChange(platform, 'factor-reset'),
  );
  router.post(
    '/admin/accounts/:account/factor-reset',
    sameOriginOnly,
    requireSession(platform),
    requireOperator(platform, 'accounts.change'),
    requireRecent(platform, '/admin/accounts/:account/factor-reset'),
    formsStayHere,
    submitChange(platform, 'factor-reset'),
  );
  router.get(
    '/admin/accounts/:account/forgiveness',
    requireSession(platform),
    requireOperator(platform, 'accounts.change'),
    requireRecent(platform),
    formsStayHere,
    showChange(platform, 'forgiveness'),
  );
  router.post(
    '/admin/accounts/:account/forgiveness',
    sameOriginOnly,
    requireSession(platform),
    requireOperator(platform, 'accounts.change'),
    requireRecent(platform, '/admin/accounts/:account/forgiveness'),
    formsStayHere,
    submitChange(platform, 'forgiveness'),
  );
}
