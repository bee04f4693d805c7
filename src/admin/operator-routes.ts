import type Router from '@koa/router';
import type { Platform } from '../platform/platform.ts';
import type { RequestState } from '../platform/web/context.ts';
import { pagesOfConsole } from './console-guards.ts';
import {
  showNewOperator,
  showOperator,
  showOperators,
  showRemoval,
  submitNewOperator,
  submitRemoval,
  submitRole,
} from './operators.pages.ts';

/** Who runs this installation, which administrators alone decide. */
export function routeOperators(router: Router<RequestState>, platform: Platform): void {
  const page = pagesOfConsole(router, platform);
  page.get('/admin/operators', { may: 'operators.read' }, showOperators(platform));
  page.get('/admin/operators/new', { may: 'operators.change', recent: true }, showNewOperator);
  page.post('/admin/operators/new', { may: 'operators.change', recent: true }, submitNewOperator(platform));
  page.get('/admin/operators/:operator', { may: 'operators.read' }, showOperator(platform));
  page.post('/admin/operators/:operator', { may: 'operators.change', recent: true }, submitRole(platform));
  page.get(
    '/admin/operators/:operator/removal',
    { may: 'operators.change', recent: true },
    showRemoval(platform),
  );
  page.post(
    '/admin/operators/:operator/removal',
    { may: 'operators.change', recent: true },
    submitRemoval(platform),
  );
}
