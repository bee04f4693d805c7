import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { pagesOfApi, pagesOfApp, pagesOfOrganization } from '../portal-guards.ts';
import {
  showApiSuspensions,
  showAppealInstead,
  showAppSuspensions,
  showSuspension,
  submitAppeal,
} from './suspensions.pages.ts';

/** What stops an app, an API or an organization, and the appeal against it. */
export function routeSuspensions(router: Router<RequestState>, platform: Platform): void {
  const organization = pagesOfOrganization(router, platform);
  const app = pagesOfApp(router, platform);
  const api = pagesOfApi(router, platform);
  app.get('/suspensions', { may: 'read' }, showAppSuspensions(platform));
  api.get('/suspensions', { may: 'read' }, showApiSuspensions(platform));
  organization.get('/suspensions/:suspension', { may: 'read' }, showSuspension(platform));
  organization.post('/suspensions/:suspension/appeal', { may: 'protect' }, submitAppeal(platform));
  organization.get('/suspensions/:suspension/appeal', { may: 'read' }, showAppealInstead);
}
