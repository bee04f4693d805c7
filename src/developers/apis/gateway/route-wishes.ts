import { type Refused, refused } from '../../../platform/refused.ts';
import { readPath } from './request-path.ts';
import { type ApiRoute, BY_METHOD, partsOf } from './route-table.ts';

export type RouteFault = 'method' | 'path' | 'scopes';

/** Methods that may be listed; * stands for every one. */
export const ROUTE_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', '*'] as const;

const LONGEST_PATH = 300;
const MOST_SCOPES_OF_ROUTE = 10;

/** A route as somebody wrote it: `scopes` are names separated by spaces, nothing, or *. */
export interface RouteWishes {
  readonly method: string;
  readonly path: string;
  readonly scopes: readonly string[];
}

/** Whether a route can be listed: a path that a request could have, and scopes of this API. */
export function judgeWishes(
  { method: rawMethod, path, scopes: names }: RouteWishes,
  known: readonly string[],
): { readonly ok: true; readonly route: ApiRoute } | Refused<RouteFault> {
  const method = rawMethod.toUpperCase();
  if (!(ROUTE_METHODS as readonly string[]).includes(method)) {
    return refused('method', `Choose one of ${ROUTE_METHODS.join(', ')}.`);
  }
  const fault = faultOfPath(path);
  if (fault !== undefined) return refused('path', fault);
  const scopes = [...new Set(names)];
  if (scopes.includes(BY_METHOD) && scopes.length > 1) {
    return refused('scopes', 'Write * alone, for any scope that fits the method.');
  }
  if (scopes.length > MOST_SCOPES_OF_ROUTE) {
    return refused('scopes', `Ask for at most ${MOST_SCOPES_OF_ROUTE} scopes.`);
  }
  const unknown = scopes.find((name) => name !== BY_METHOD && !known.includes(name));
  if (unknown !== undefined) {
    return refused('scopes', `This API has no scope named ${unknown.slice(0, 100)}. Check its spelling.`);
  }
  return { ok: true, route: { method, path, scopes } };
}

function faultOfPath(path: string): string | undefined {
  if (path.length > LONGEST_PATH) return `Keep the path to ${LONGEST_PATH} characters.`;
  if (path.includes('?')) return 'Leave the query out: it takes no part in the choice of a route.';
  // What stands in braces takes whatever a request has there.
  const example = path.replace(/(?<=\/)\{[A-Za-z0-9_.-]+\*?\}(?=\/|$)/g, 'x');
  if (/[{}]/.test(example)) return 'Write a parameter as a whole segment, such as /notes/{id}.';
  const read = readPath(example);
  if (!read.ok) return read.sentence.replace('so it is refused', 'so it cannot be listed');
  const parts = partsOf(path);
  const misplaced = parts.findIndex((part) => part.kind === 'rest');
  if (misplaced >= 0 && misplaced < parts.length - 1) return 'Write {name*} only at the end of a path.';
  return undefined;
}
