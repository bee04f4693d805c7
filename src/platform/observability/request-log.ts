import type { Platform } from '../platform.ts';
import type { Context, Handler } from '../web/context.ts';

/**
 * One line and one measurement per request: method, route, status, duration, request id. The route is the pattern
 * that answered, such as `/interaction/:uid`, because a path may hold a handle; query strings are never looked at.
 */
export function logRequests({ log, metrics }: Platform): Handler {
  return async (ctx, next) => {
    const began = performance.now();
    try {
      await next();
    } finally {
      const durationMs = Math.round(performance.now() - began);
      const method = METHODS.has(ctx.method) ? ctx.method : '_OTHER';
      const pattern = patternOf(ctx);
      const { status } = ctx;
      metrics.requests.observe(
        {
          http_request_method: method,
          http_route: pattern ?? 'other',
          http_response_status_code: String(status),
        },
        durationMs / 1000,
      );
      const { requestId } = ctx.state;
      log.info({ requestId, method, route: pattern ?? maskedPath(ctx.path), status, durationMs }, 'request');
    }
  };
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Our router leaves the pattern, the engine the name of its route. */
function patternOf(ctx: Context): string | undefined {
  const { _matchedRoute, oidc } = ctx as { _matchedRoute?: unknown; oidc?: { route?: string } };
  if (typeof _matchedRoute === 'string' && !_matchedRoute.includes('(')) return _matchedRoute;
  return oidc?.route;
}

/** A path nobody answers to may be anything. Words stay, everything that could be a secret becomes `…`. */
function maskedPath(path: string): string {
  const segments = path.split('/').slice(0, 6);
  return segments.map((segment) => (/^[a-z.-]{0,24}$/i.test(segment) ? segment : '…')).join('/');
}
