import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { pagesOfConsole } from '../console-guards.ts';
import { showChange, submitChange } from './account-changes.pages.ts';
import { showAccount, showSearch, submitSearch } from './accounts.pages.ts';

/** People, one at a time: looked up by an exact address or id. */
export function routeAccounts(router: Router<RequestState>, platform: Platform): void {
  const page = pagesOfConsole(router, platform);
  page.get('/admin/accounts', { may: 'accounts.read' }, showSearch);
  page.post('/admin/accounts/search', { may: 'accounts.read' }, submitSearch(platform));
  page.get('/admin/accounts/:account', { may: 'accounts.read' }, showAccount(platform));
  page.get(
    '/admin/accounts/:account/suspension',
    { may: 'accounts.change', recent: true },
    showChange(platform, 'suspension'),
  );
  page.post(
    '/admin/accounts/:account/suspension',
    { may: 'accounts.change', recent: true },
    submitChange(platform, 'suspension'),
  );
  page.get(
    '/admin/accounts/:account/resumption',
    { may: 'accounts.change', recent: true },
    showChange(platform, 'resumption'),
  );
  page.post(
    '/admin/accounts/:account/resumption',
    { may: 'accounts.change', recent: true },
    submitChange(platform, 'resumption'),
  );
  page.get(
    '/admin/accounts/:account/session-endings',
    { may: 'accounts.change', recent: true },
    showChange(platform, 'session-endings'),
  );
  page.post(
    '/admin/accounts/:account/session-endings',
    { may: 'accounts.change', recent: true },
    submitChange(platform, 'session-endings'),
  );
  page.get(
    '/admin/accounts/:account/factor-reset',
    { may: 'accounts.change', recent: true },
    showChange(platform, 'factor-reset'),
  );
  page.post(
    '/admin/accounts/:account/factor-reset',
    { may: 'accounts.change', recent: true },
    submitChange(platform, 'factor-reset'),
  );
  page.get(
    '/admin/accounts/:account/forgiveness',
    { may: 'accounts.change', recent: true },
    showChange(platform, 'forgiveness'),
  );
  page.post(
    '/admin/accounts/:account/forgiveness',
    { may: 'accounts.change', recent: true },
    submitChange(platform, 'forgiveness'),
  );
}
