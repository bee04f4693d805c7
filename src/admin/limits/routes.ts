import type Router from '@koa/router';
import { requireRecent, requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireOperator } from '../require-operator.ts';
import { showLimits, submitReset } from './limits.pages.ts';

/** How much may be asked of the service, and who asks for too much. */
export function routeLimits(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/admin/limits',
    requireSession(platform),
    requireOperator(platform, 'watch.read'),
    formsStayHere,
    showLimits(platform),
  );
  router.post(
    '/admin/limits/resets',
    sameOriginOnly,
    requireSession(platform),
    requireOperator(platform, 'watch.change'),
    requireRecent(platform, '/admin/limits'),
    formsStayHere,
    submitReset(platform),
  );
}
