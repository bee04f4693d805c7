import type Router from '@koa/router';
import { requireRecent, requireSession } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { RequestState } from '../../platform/web/context.ts';
import { sameOriginOnly } from '../../platform/web/csrf.ts';
import { formsStayHere } from '../../platform/web/security-headers.ts';
import { requireOperator } from '../require-operator.ts';
import { showKeys, showRotation, submitRotation } from './keys.pages.ts';

/** What tokens are signed with. */
export function routeKeys(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/admin/keys',
    requireSession(platform),
    requireOperator(platform, 'keys.read'),
    formsStayHere,
    showKeys(platform),
  );
  router.get(
    '/admin/keys/rotation',
    requireSession(platform),
    requireOperator(platform, 'keys.change'),
    requireRecent(platform),
    formsStayHere,
    showRotation(platform),
  );
  router.post(
    '/admin/keys/rotation',
    sameOriginOnly,
    requireSession(platform),
    requireOperator(platform, 'keys.change'),
    requireRecent(platform, '/admin/keys/rotation'),
    formsStayHere,
    submitRotation(platform),
  );
}
