import { DISCOVERY, ENDPOINTS } from '../developers/endpoints.ts';
import { Refusal } from '../platform/errors.ts';
import type { Handler } from '../platform/web/context.ts';

const { authorization, end_session, introspection, jwks, revocation, token, userinfo } = ENDPOINTS;
const pushed = ENDPOINTS.pushed_authorization_request;

/** Called by programs, which get JSON whatever their HTTP library says it accepts (RFC 6749 §5.2, RFC 7662 §2.2). */
const FOR_PROGRAMS: ReadonlySet<string> = new Set([token, introspection, revocation, pushed, userinfo]);

const METHODS: ReadonlyMap<string, string> = new Map([
  // By POST both are asked again by GET before they come here (posted-requests.ts).
  [authorization, 'GET, HEAD, POST'],
  [end_session, 'GET, HEAD, POST'],
  [`${end_session}/confirm`, 'POST'],
  [`${end_session}/success`, 'GET, HEAD'],
  [token, 'POST, OPTIONS'],
  [introspection, 'POST, OPTIONS'],
  [revocation, 'POST, OPTIONS'],
  [pushed, 'POST, OPTIONS'],
  [userinfo, 'GET, HEAD, POST, OPTIONS'],
  [jwks, 'GET, HEAD, OPTIONS'],
  ...DISCOVERY.map((path) => [path, 'GET, HEAD, OPTIONS'] as const),
]);

const RESUMED = /^\/authorize\/[A-Za-z0-9_-]+$/;

/**
 * Lets only addresses through to the engine that are spelled as published. Its own router takes any case and a
 * slash at the end, which every rule about a path around it would have to know.
 */
export function onlyPublishedPaths(engine: Handler): Handler {
  return (ctx, next) => {
    const methods = METHODS.get(ctx.path) ?? (RESUMED.test(ctx.path) ? 'GET, HEAD' : undefined);
    if (methods === undefined) return next();
    if (!methods.split(', ').includes(ctx.method)) {
      ctx.set('Allow', methods);
      throw new Refusal('method-not-allowed', {
        key: 'errors.only-methods',
        values: { methods: spoken(methods) },
      });
    }
    if (FOR_PROGRAMS.has(ctx.path)) ctx.req.headers.accept = 'application/json';
    return engine(ctx, next);
  };
}

/** What a developer writes, without the methods that come along. */
function spoken(methods: string): string[] {
  return methods.split(', ').filter((method) => method === 'GET' || method === 'POST');
}
