import type { ApiScope } from '../scopes/scopes.ts';
import { readPath } from './request-path.ts';
import { type ApiRoute, BY_METHOD, findRoute, type RouteTable, strayedAt } from './route-table.ts';

/** What a gateway was asked for: a method, and the target as it stood in the request. */
export interface AskedCall {
  readonly method: string;
  readonly target: string;
}

export type RouteVerdict =
  /** `reads`: no scope that writes was needed. `route` is undefined while nothing is listed. */
  | { readonly ok: true; readonly route: ApiRoute | undefined; readonly reads: boolean }
  | {
      readonly ok: false;
      readonly reason: 'odd-method' | 'odd-path' | 'not-listed' | 'insufficient-scope';
      /** What would be needed, where scopes are missing. */
      readonly scope?: string;
      /** Of it what the scopes held do not have. */
      readonly missing?: string;
      /** The place at which the call leaves what is listed. */
      readonly strayed?: string;
      readonly route?: ApiRoute | undefined;
      readonly sentence: string;
    };

export interface ApiRules {
  readonly scopes: readonly Pick<ApiScope, 'name' | 'kind' | 'sensitivity'>[];
  /** Undefined while nothing is listed. */
  readonly table: RouteTable | undefined;
}

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether scopes are enough for a method and path of an API. As listed by its owner; while nothing is listed, safe methods
 * (RFC 9110 §9.2.1) need a scope that reads and others one that writes.
 */
export function judgeRoute(
  { scopes, table }: ApiRules,
  { method, target }: AskedCall,
  held: readonly string[],
): RouteVerdict {
  // CONNECT and TRACE are for proxies, and a method in lower case is another one to some servers.
  if (!/^[A-Z]{3,20}$/.test(method) || method === 'CONNECT' || method === 'TRACE') {
    return { ok: false, reason: 'odd-method', sentence: 'This method is not one that an API is asked by.' };
  }
  const path = readPath(target);
  if (!path.ok) return { ok: false, reason: 'odd-path', sentence: path.sentence };
  if (!table) return judgeByMethod(scopes, method, held, undefined);
  const found = findRoute(table, method, path.segments);
  if (found.found === 'nothing') {
    const sentence = 'The API lists no route for this method and path, so it is refused.';
    return { ok: false, reason: 'not-listed', strayed: strayedAt(table, method, path.segments), sentence };
  }
  const { route } = found;
  if (found.found === 'nearly') {
    const sentence = `The path is spelled differently from ${route.path}, which some servers would take it for, so it is refused.`;
    return { ok: false, reason: 'odd-path', route, sentence };
  }
  if (route.scopes.includes(BY_METHOD)) return judgeByMethod(scopes, method, held, route);
  const missing = route.scopes.filter((name) => !held.includes(name));
  if (missing.length === 0) return { ok: true, route, reads: readsOnly(scopes, route) };
  const sentence = `${route.method} ${route.path} needs ${route.scopes.join(' ')}, and this token lacks ${missing.join(' ')}.`;
  const scope = route.scopes.join(' ');
  return { ok: false, reason: 'insufficient-scope', scope, missing: missing.join(' '), route, sentence };
}

function judgeByMethod(
  scopes: ApiRules['scopes'],
  method: string,
  held: readonly string[],
  route: ApiRoute | undefined,
): RouteVerdict {
  const reads = SAFE.has(method);
  const enough = scopes.filter(({ kind }) => (kind === 'read') === reads);
  if (enough.some(({ name }) => held.includes(name))) return { ok: true, route, reads };
  // One that is enough, the least sensitive: that is what an app should ask for.
  const least = enough.find(({ sensitivity }) => sensitivity === 'basic') ?? enough[0];
  const sentence = reads
    ? `${method} needs a scope of this API that reads, and this token has none.`
    : `${method} needs a scope of this API that writes, and this token has none.`;
  const needed = least && { scope: least.name, missing: least.name };
  return { ok: false, reason: 'insufficient-scope', route, sentence, ...needed };
}

function readsOnly(scopes: ApiRules['scopes'], route: ApiRoute): boolean {
  return route.scopes.every((name) => scopes.some((scope) => scope.name === name && scope.kind === 'read'));
}
