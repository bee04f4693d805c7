import type Router from '@koa/router';
import { requireRecent, requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { publicRoute } from '../../platform/web/guards.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireMember, requireRecentOfThoseWho } from '../organizations/require-member.ts';
import { showApps } from './app-list.pages.ts';
import { showApp } from './app-overview.pages.ts';
import { showSettings, submitSettings } from './app-settings.pages.ts';
import { showDeletion, submitDeletion } from './deletion.pages.ts';
import { serveLogo, showBranding, submitLogo } from './logo.pages.ts';
import { showNewApp, submitNewApp } from './new-app.pages.ts';
import { judgeWhileTyping, showRedirectUris, submitRedirectUris } from './redirect-changes.pages.ts';
import { requireApp } from './require-app.ts';
import { showSuspension, submitSuspension } from './suspension.pages.ts';

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
    showNewApp(platform),
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
  router.get('/logos/:file', publicRoute, serveLogo(platform));
  routeAppChanges(router, platform);
}

/** What members change about one app. */
function routeAppChanges(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/developers/organizations/:organization/apps/:client/settings',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApp(platform),
    formsStayHere,
    showSettings,
  );
  router.post(
    '/developers/organizations/:organization/apps/:client/settings',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApp(platform),
    formsStayHere,
    submitSettings(platform),
  );
  router.get(
    '/developers/organizations/:organization/apps/:client/redirect-uris',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApp(platform),
    requireRecentOfThoseWho('build', platform),
    formsStayHere,
    showRedirectUris(platform),
  );
  router.get(
    '/developers/organizations/:organization/apps/:client/redirect-uris/judgement',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApp(platform),
    formsStayHere,
    judgeWhileTyping(platform),
  );
  router.post(
    '/developers/organizations/:organization/apps/:client/redirect-uris',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApp(platform),
    requireRecent(platform),
    formsStayHere,
    submitRedirectUris(platform),
  );
  router.get(
    '/developers/organizations/:organization/apps/:client/suspension',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApp(platform),
    formsStayHere,
    showSuspension,
  );
  router.post(
    '/developers/organizations/:organization/apps/:client/suspension',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'protect'),
    requireApp(platform),
    formsStayHere,
    submitSuspension(platform),
  );
  router.get(
    '/developers/organizations/:organization/apps/:client/deletion',
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireApp(platform),
    requireRecent(platform),
    formsStayHere,
    showDeletion,
  );
  router.post(
    '/developers/organizations/:organization/apps/:client/deletion',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireApp(platform),
    requireRecent(platform),
    formsStayHere,
    submitDeletion(platform),
  );
  router.get(
    '/developers/organizations/:organization/apps/:client/branding',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApp(platform),
    formsStayHere,
    showBranding(platform),
  );
  router.post(
    '/developers/organizations/:organization/apps/:client/branding',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApp(platform),
    formsStayHere,
    submitLogo(platform),
  );
}
