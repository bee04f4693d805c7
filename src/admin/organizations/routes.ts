import type Router from '@koa/router';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { pagesOfConsole } from '../console-guards.ts';
import { showOrganization, showOrganizationEvents } from './organization.pages.ts';
import { showOrganizations, submitOrganizationSearch } from './organizations.pages.ts';

/** Organizations, their people and what they own. What stops one is a suspension. */
export function routeOrganizations(router: Router<RequestState>, platform: Platform): void {
  const page = pagesOfConsole(router, platform);
  page.get('/admin/organizations', { may: 'apps.read' }, showOrganizations(platform));
  page.post('/admin/organizations/search', { may: 'apps.read' }, submitOrganizationSearch(platform));
  page.get('/admin/organizations/:organization', { may: 'apps.read' }, showOrganization(platform));
  page.get(
    '/admin/organizations/:organization/events',
    { may: 'apps.read' },
    showOrganizationEvents(platform),
  );
}
