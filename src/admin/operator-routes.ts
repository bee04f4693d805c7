import type Router from '@koa/router';
import { requireRecent, requireSession } from '../accounts/sign-in/require-session.ts';
import type { Platform } from '../platform/platform.ts';
import type { RequestState } from '../platform/web/context.ts';
import { sameOriginOnly } from '../platform/web/csrf.ts';
import { formsStayHere } from '../platform/web/security-headers.ts';
import {
  showNewOperator,
  showOperator,
  showOperators,
  showRemoval,
  submitNewOperator,
  submitRemoval,
  submitRole,
} from './operators.pages.ts';
import { requireOperator } from './require-operator.ts';

/** Who runs this installation, which administrators alone decide. */
export function routeOperators(router: Router<RequestState>, platform: Platform): void {
  router.get(
    '/admin/operators',
    requireSession(platform),
    requireOperator(platform, 'operators.read'),
    formsStayHere,
    showOperators(platform),
  );
  router.get(
    '/admin/operators/new',
    requireSession(platform),
    requireOperator(platform, 'operators.change'),
    requireRecent(platform),
    formsStayHere,
    showNewOperator,
  );
  router.post(
    '/admin/operators/new',
    sameOriginOnly,
    requireSession(platform),
    requireOperator(platform, 'operators.change'),
    requireRecent(platform, '/admin/operators/new'),
    formsStayHere,
    submitNewOperator(platform),
  );
  router.get(
    '/admin/operators/:operator',
    requireSession(platform),
    requireOperator(platform, 'operators.read'),
    formsStayHere,
    showOperator(platform),
  );
  router.post(
    '/admin/operators/:operator',
    sameOriginOnly,
    requireSession(platform),
    requireOperator(platform, 'operators.change'),
    requireRecent(platform, '/admin/operators/:operator'),
    formsStayHere,
    submitRole(platform),
  );
  router.get(
    '/admin/operators/:operator/removal',
    requireSession(platform),
    requireOperator(platform, 'operators.change'),
    requireRecent(platform),
    formsStayHere,
    showRemoval(platform),
  );
  router.post(
    '/admin/operators/:operator/removal',
    sameOriginOnly,
    requireSession(platform),
    requireOperator(platform, 'operators.change'),
    requireRecent(platform, '/admin/operators/:operator/removal'),
    formsStayHere,
    submitRemoval(platform),
  );
}
