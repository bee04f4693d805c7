import type Router from '@koa/router';
import { requireRecent, requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import {
  showDeletion,
  showLeaving,
  showSettings,
  showTransfer,
  submitDeletion,
  submitLeaving,
  submitSettings,
  submitTransfer,
} from './settings.pages.ts';
import { requireMember } from './require-member.ts';

/** The name of an organization, and the ways out of it. */
export function routeSettings(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/developers/organizations/:organization/settings',
    requireSession(platform),
    requireMember(platform, 'read'),
    formsStayHere,
    showSettings,
  );
  router.post(
    '/developers/organizations/:organization/settings',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireRecent(platform, '/developers/organizations/:organization/settings'),
    formsStayHere,
    submitSettings(platform),
  );
  router.get(
    '/developers/organizations/:organization/settings/transfer',
    requireSession(platform),
    requireMember(platform, 'govern'),
    formsStayHere,
    showTransfer,
  );
  router.post(
    '/developers/organizations/:organization/settings/transfer',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireRecent(platform, '/developers/organizations/:organization/settings/transfer'),
    formsStayHere,
    submitTransfer(platform),
  );
  router.get(
    '/developers/organizations/:organization/settings/leaving',
    requireSession(platform),
    requireMember(platform, 'read'),
    formsStayHere,
    showLeaving,
  );
  router.post(
    '/developers/organizations/:organization/settings/leaving',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'read'),
    requireRecent(platform, '/developers/organizations/:organization/settings/leaving'),
    formsStayHere,
    submitLeaving(platform),
  );
  router.get(
    '/developers/organizations/:organization/settings/deletion',
    requireSession(platform),
    requireMember(platform, 'govern'),
    formsStayHere,
    showDeletion,
  );
  router.post(
    '/developers/organizations/:organization/settings/deletion',
    sameOriginOnly,
    requireSession(platform),
    requireMember(platform, 'govern'),
    requireRecent(platform, '/developers/organizations/:organization/settings/deletion'),
    formsStayHere,
    submitDeletion(platform),
  );
}
