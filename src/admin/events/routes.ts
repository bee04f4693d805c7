import type Router from '@koa/router';
import { requireRecent, requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireOperator } from '../require-operator.ts';
import { downloadEvents, showEvents } from './events.pages.ts';

/** What happened. Taking much of it away at once asks for a recent proof. */
export function routeEvents(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/admin/events',
    requireSession(platform),
    requireOperator(platform, 'events.read'),
    formsStayHere,
    showEvents(platform),
  );
  router.get(
    '/admin/events/export',
    requireSession(platform),
    requireOperator(platform, 'events.read'),
    requireRecent(platform),
    downloadEvents(platform),
  );
}
