import type Router from '@koa/router';
import type { Handler, RequestState } from './context.ts';
import { sameOriginOnly } from './csrf.ts';
import { formsStayHere } from './security-headers.ts';

/**
 * Pages behind the same guards. A line says what differs, and cannot leave it out:
 * `api.post('/reports/keys/new', { may: 'protect', recent: true }, submitNewReportKey(platform))`.
 */
export interface GuardedPages<Demand> {
  get(path: `/${string}` | '', demand: Demand, ...handlers: [Handler, ...Handler[]]): void;
  /** As get; what another site sent is refused before anything is looked at. */
  post(path: `/${string}` | '', demand: Demand, ...handlers: [Handler, ...Handler[]]): void;
}

/** Routes below `base`. `guardsFor` makes, of what a line demands, the guards in the order in which they ask. */
export function guardedPages<Demand>(
  router: Router<RequestState>,
  base: string,
  guardsFor: (demand: Demand) => readonly Handler[],
): GuardedPages<Demand> {
  return {
    get: (path, demand, ...handlers) =>
      void router.get(`${base}${path}`, ...guardsFor(demand), formsStayHere, ...handlers),
    post: (path, demand, ...handlers) =>
      void router.post(`${base}${path}`, sameOriginOnly, ...guardsFor(demand), formsStayHere, ...handlers),
  };
}
