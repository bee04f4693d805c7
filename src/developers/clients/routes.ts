import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { publicRoute } from '../../platform/web/guards.ts';
import { pagesOfApp, pagesOfOrganization } from '../portal-guards.ts';
import { showApps } from './app-list.pages.ts';
import { showApp } from './app-overview.pages.ts';
import { showSettings, submitSettings } from './app-settings.pages.ts';
import { showDeletion, submitDeletion } from './deletion.pages.ts';
import { serveLogo, showBranding, submitLogo } from './logo.pages.ts';
import { showNewApp, submitNewApp } from './new-app.pages.ts';
import { judgeWhileTyping, showRedirectUris, submitRedirectUris } from './redirect-changes.pages.ts';
import { showSuspension, submitSuspension } from './suspension.pages.ts';

/** The apps of an organization. */
export function routeApps(router: Router<RequestState>, platform: Platform): void {
  const organization = pagesOfOrganization(router, platform);
  const app = pagesOfApp(router, platform);
  organization.get('/apps', { may: 'read' }, showApps(platform));
  organization.get('/apps/new', { may: 'build', recent: true }, showNewApp(platform));
  organization.post('/apps/new', { may: 'build', recent: true }, submitNewApp(platform));
  app.get('', { may: 'read' }, showApp(platform));
  router.get('/logos/:file', publicRoute, serveLogo(platform));
  routeAppChanges(router, platform);
}

/** What members change about one app. */
function routeAppChanges(router: Router<RequestState>, platform: Platform): void {
  const app = pagesOfApp(router, platform);
  app.get('/settings', { may: 'read' }, showSettings);
  app.post('/settings', { may: 'build' }, submitSettings(platform));
  app.get('/redirect-uris', { may: 'read', recent: { of: 'build' } }, showRedirectUris(platform));
  app.get('/redirect-uris/judgement', { may: 'read' }, judgeWhileTyping(platform));
  app.post('/redirect-uris', { may: 'build', recent: true }, submitRedirectUris(platform));
  app.get('/suspension', { may: 'read' }, showSuspension);
  app.post('/suspension', { may: 'protect' }, submitSuspension(platform));
  app.get('/deletion', { may: 'govern', recent: true }, showDeletion);
  app.post('/deletion', { may: 'govern', recent: true }, submitDeletion(platform));
  app.get('/branding', { may: 'read' }, showBranding(platform));
  app.post('/branding', { may: 'build' }, submitLogo(platform));
}
