import type { Actor } from '../../../audit/actor.ts';
import type { Platform } from '../../../platform/platform.ts';
import { refused } from '../../../platform/refused.ts';
import { inTransaction } from '../../../platform/transaction.ts';
import { isObject, type ReferenceDocument } from '../reference/document.ts';
import { listOf, operationsOf } from '../reference/operations.ts';
import { findReference } from '../reference/reference.ts';
import { scopesOf } from '../scopes/scope-changes.ts';
import {
  holdRoutes,
  type ListedRoute,
  listRoutes,
  MOST_ROUTES,
  type RouteChange,
  type RoutesOf,
  writeRoutes,
} from './route-changes.ts';
import { type ApiRoute, BY_METHOD, shapeOf } from './route-table.ts';
import { judgeWishes } from './route-wishes.ts';

/** An operation of a reference that cannot be listed, and why. */
export interface Unlisted {
  readonly method: string;
  readonly path: string;
  readonly sentence: string;
}

/** What taking the routes of a reference over would do. */
export interface RouteImport {
  readonly added: readonly ApiRoute[];
  /** Operations that stand aside: for a route of the owner's own, for one before them, or because they cannot be listed. */
  readonly conflicts: readonly Unlisted[];
  /** Routes of an earlier reference that would go. */
  readonly removed: readonly ListedRoute[];
}

/** Pure. What an owner wrote by hand stays and outranks the reference; what came of an earlier reference goes. */
export function importOf(
  document: ReferenceDocument,
  listed: readonly ListedRoute[],
  scopes: readonly string[],
): RouteImport {
  const own = listed.filter(({ origin }) => origin === 'owner');
  const taken = new Map(
    own.map((route) => [placeOf(route), `Your own route ${route.method} ${route.path} stays.`]),
  );
  const added: ApiRoute[] = [];
  const conflicts: Unlisted[] = [];
  const prefix = prefixOf(document);
  for (const { method: lower, path: short, scopes: asked } of operationsOf(document)) {
    const [method, path] = [
      lower.toUpperCase(),
      encodeURI(prefix + short)
        .replaceAll('%7B', '{')
        .replaceAll('%7D', '}'),
    ];
    const wishes = { method, path: path.replace(/%25(?=[0-9a-f]{2})/gi, '%'), scopes: asked ?? [BY_METHOD] };
    const judged = judgeWishes(wishes, scopes);
    const twin = judged.ok ? taken.get(placeOf(judged.route)) : judged.sentence;
    if (!judged.ok || twin !== undefined) {
      conflicts.push({ method, path, sentence: twin ?? '' });
      continue;
    }
    taken.set(placeOf(judged.route), `No request could tell it from ${method} ${path}.`);
    added.push(judged.route);
  }
  const gone = listed.filter(
    (one) => one.origin === 'reference' && !added.some((route) => isSame(route, one)),
  );
  return { added, conflicts, removed: gone };
}

function placeOf({ method, path }: ApiRoute): string {
  return `${method} ${shapeOf(path)}`;
}

function isSame(one: ApiRoute, other: ApiRoute): boolean {
  return one.method === other.method && one.path === other.path && `${one.scopes}` === `${other.scopes}`;
}

/** The path of the first server that the document names, where it is one that can be known. */
function prefixOf(document: ReferenceDocument): string {
  const [first] = listOf(document.servers);
  const url = isObject(first) && typeof first.url === 'string' ? first.url : '/';
  if (url.includes('{')) return '';
  return (URL.parse(url, 'https://api.invalid')?.pathname ?? '/').replace(/\/$/, '');
}

/** What an import would do now; undefined where nothing was uploaded. */
export async function previewImport(
  platform: Platform,
  apiId: string,
): Promise<(RouteImport & { readonly uploadedAt: Date }) | undefined> {
  const reference = await findReference(platform, apiId);
  if (!reference) return undefined;
  const scopes = (await scopesOf(platform, apiId)).map(({ name }) => name);
  const { uploadedAt, document } = reference;
  return { ...importOf(document, await listRoutes(platform, apiId), scopes), uploadedAt };
}

/** Takes over the routes of the reference that was shown: another one has to be shown first. */
export async function importRoutes(
  platform: Platform,
  actor: Actor,
  { apiId, organizationId, uploadedAt }: RoutesOf & { readonly uploadedAt: Date },
): Promise<RouteChange> {
  return inTransaction(platform, async (tx): Promise<RouteChange> => {
    const held = await holdRoutes(tx, actor, { apiId, organizationId });
    if (!held.ok) return held;
    const preview = await previewImport(tx, apiId);
    if (preview?.uploadedAt.getTime() !== uploadedAt.getTime()) {
      return refused('route', 'The reference has changed meanwhile. Look at what it says now.');
    }
    const own = (await listRoutes(tx, apiId)).filter(({ origin }) => origin === 'owner');
    if (own.length + preview.added.length > MOST_ROUTES) {
      return refused('too-many', `An API lists at most ${MOST_ROUTES} routes.`);
    }
    await writeRoutes(tx, actor, apiId, { added: preview.added, origin: 'reference', instead: true });
    return { ok: true };
  });
}
