import type Router from '@koa/router';
import { requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireOperator } from '../require-operator.ts';
import { showOrganization, showOrganizationEvents } from './organization.pages.ts';
import { showOrganizations, submitOrganizationSearch } from './organizations.pages.ts';

/** Organizations, their people and what they own. What stops one is a suspension. */
export function routeOrganizations(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/admin/organizations',
    requireSession(platform),
    requireOperator(platform, 'apps.read'),
    formsStayHere,
    showOrganizations(platform),
  );
  router.post(
    '/admin/organizations/search',
    sameOriginOnly,
    requireSession(platform),
    requireOperator(platform, 'apps.read'),
    formsStayHere,
    submitOrganizationSearch(platform),
  );
  router.get(
    '/admin/organizations/:organization',
    requireSession(platform),
    requireOperator(platform, 'apps.read'),
    formsStayHere,
    showOrganization(platform),
  );
  router.get(
    '/admin/organizations/:organization/events',
    requireSession(platform),
    requireOperator(platform, 'apps.read'),
    formsStayHere,
    showOrganizationEvents(platform),
  );
}
