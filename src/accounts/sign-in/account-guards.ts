import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { type GuardedPages, guardedPages } from '../../platform/web/guarded-pages.ts';
import { type RecentProof, recentGuard } from './recent-proof.ts';
import { requireSession } from './require-session.ts';

/** What a page of the account area demands of whoever is signed in. */
export interface AccountDemand {
  readonly recent: RecentProof | false;
}

/** Pages of the account area, each by its whole address: for whoever is signed in, about themselves. */
export function pagesOfAccount(
  router: Router<RequestState>,
  platform: Platform,
): GuardedPages<AccountDemand> {
  return guardedPages(router, '', ({ recent }) => [
    requireSession(platform),
    ...recentGuard(platform, recent, { may: () => false }),
  ]);
}
