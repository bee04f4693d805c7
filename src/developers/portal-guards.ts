import type Router from '@koa/router';
import { type RecentProof, recentGuard } from '../accounts/sign-in/recent-proof.ts';
import { requireSession } from '../accounts/sign-in/require-session.ts';
import type { Platform } from '../platform/platform.ts';
import type { Handler, RequestState } from '../platform/web/context.ts';
import { type GuardedPages, guardedPages } from '../platform/web/guarded-pages.ts';
import { requireApi } from './apis/require-api.ts';
import { requireApp } from './clients/require-app.ts';
import { memberOf, requireMember } from './organizations/require-member.ts';
import { mayDo, type Permission } from './organizations/roles.ts';

/** What a page of an organization demands of a signed-in visitor: a role that may, and perhaps a proof of just now. */
export interface MemberDemand {
  readonly may: Permission;
  readonly recent?: RecentProof<Permission>;
}

const ORGANIZATION = '/developers/organizations/:organization';

/** Pages below an organization, for its members alone. */
export function pagesOfOrganization(
  router: Router<RequestState>,
  platform: Platform,
): GuardedPages<MemberDemand> {
  return pagesOfMembers(router, platform, ORGANIZATION);
}

/** Pages below an app, `/apps/:client`, of the visitor's own organization. */
export function pagesOfApp(router: Router<RequestState>, platform: Platform): GuardedPages<MemberDemand> {
  return pagesOfMembers(router, platform, `${ORGANIZATION}/apps/:client`, requireApp(platform));
}

/** Pages below an API, `/apis/:api`, of the visitor's own organization. */
export function pagesOfApi(router: Router<RequestState>, platform: Platform): GuardedPages<MemberDemand> {
  return pagesOfMembers(router, platform, `${ORGANIZATION}/apis/:api`, requireApi(platform));
}

function pagesOfMembers(
  router: Router<RequestState>,
  platform: Platform,
  base: string,
  ...subject: Handler[]
): GuardedPages<MemberDemand> {
  return guardedPages(router, base, ({ may, recent }) => [
    requireSession(platform),
    requireMember(platform, may),
    ...subject,
    ...recentGuard(platform, recent, {
      base,
      may: (ctx, permission) => mayDo(memberOf(ctx).role, permission),
    }),
  ]);
}
