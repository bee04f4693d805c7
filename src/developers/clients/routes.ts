import type Router from '@koa/router';
import { requireRecent, requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireMember } from '../organizations/require-member.ts';
import { showApps } from './app-list.pages.ts';
import { showApp } from './app-overview.pages.ts';
import { showNewApp, submitNewApp } from './new-app.pages.ts';
import { requireApp } from './require-app.ts';

/** The apps of an organization. */
export function routeApps(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/developers/organizations/:organization/apps',
    requireSession(platform),
    requireMember(platform, 'read'),
    formsStayHere,
    showApps(platform),
  );
  router.get(
    '/developers/organizations/:organization/apps/new',
    requireSession(platform),
    requireMember(platform, 'build'),
    requireRecent(platform),
    formsStayHere,
    showNewApp,
  );
  router.post(
    '/developers/organizations/:organization/apps/new',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    requireRecent(platform),
    formsStayHere,
    submitNewApp(platform),
  );
  router.get(
    '/developers/organizations/:organization/apps/:client',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApp(platform),
    formsStayHere,
    showApp(platform),
  );
}
