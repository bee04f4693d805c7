import type Router from '@koa/router';
import { type RecentProof, recentGuard } from '../accounts/sign-in/recent-proof.ts';
import { requireSession } from '../accounts/sign-in/require-session.ts';
import type { Platform } from '../platform/platform.ts';
import type { RequestState } from '../platform/web/context.ts';
import { type GuardedPages, guardedPages } from '../platform/web/guarded-pages.ts';
import { operatorOf, requireOperator } from './require-operator.ts';
import { mayOperate, type Permission } from './roles.ts';

/** What a page of the console demands of a signed-in visitor: a role that may, and perhaps a proof of just now. */
export interface OperatorDemand {
  readonly may: Permission;
  readonly recent?: RecentProof<Permission>;
}

/** Pages of the console, each by its whole address: for operators alone. */
export function pagesOfConsole(
  router: Router<RequestState>,
  platform: Platform,
): GuardedPages<OperatorDemand> {
  return guardedPages(router, '', ({ may, recent }) => [
    requireSession(platform),
    requireOperator(platform, may),
    ...recentGuard(platform, recent, {
      may: (ctx, permission) => mayOperate(operatorOf(ctx).role, permission),
    }),
  ]);
}
