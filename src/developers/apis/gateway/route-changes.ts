import { actsFrozen } from '../../../accounts/recovery/frozen.ts';
import type { Actor } from '../../../audit/actor.ts';
import { recordEvent } from '../../../audit/trail.ts';
import { newId } from '../../../platform/ids.ts';
import type { Platform } from '../../../platform/platform.ts';
import { type Refused, refused } from '../../../platform/refused.ts';
import { inTransaction } from '../../../platform/transaction.ts';
import { FROZEN } from '../../frozen.ts';
import { holdApi, scopesOf } from '../scopes/scope-changes.ts';
import { type ApiRoute, shapeOf } from './route-table.ts';
import { judgeWishes, type RouteFault, type RouteWishes } from './route-wishes.ts';

export const MOST_ROUTES = 1000;

/** A route as its API's owner lists it. */
export interface ListedRoute extends ApiRoute {
  readonly id: string;
  /** Written by hand, or taken from the API's reference. */
  readonly origin: 'owner' | 'reference';
}

/** By path, then method. */
export async function listRoutes({ db }: Platform, apiId: string): Promise<ListedRoute[]> {
  const select = { id: true, method: true, path: true, scopes: true, origin: true } as const;
  const rows = await db.apiRoute.findMany({
    where: { apiId },
    select,
    orderBy: [{ path: 'asc' }, { method: 'asc' }],
  });
  return rows as ListedRoute[];
}

export interface RoutesOf {
  readonly apiId: string;
  readonly organizationId: string;
}

export type RouteChange =
  | { readonly ok: true }
  | Refused<'api' | 'frozen' | 'too-many' | 'route' | RouteFault>;

/** Lists a method and path of an API. From the first one on, whatever is not listed is refused. */
export async function addRoute(
  platform: Platform,
  actor: Actor,
  { apiId, organizationId, ...wishes }: RoutesOf & RouteWishes,
): Promise<RouteChange> {
  return inTransaction(platform, async (tx): Promise<RouteChange> => {
    const held = await holdRoutes(tx, actor, { apiId, organizationId });
    if (!held.ok) return held;
    const known = (await scopesOf(tx, apiId)).map(({ name }) => name);
    const judged = judgeWishes(wishes, known);
    if (!judged.ok) return judged;
    const { route } = judged;
    const routes = await listRoutes(tx, apiId);
    if (routes.length >= MOST_ROUTES)
      return refused('too-many', `An API lists at most ${MOST_ROUTES} routes.`);
    const twin = routes.find(
      (one) => one.method === route.method && shapeOf(one.path) === shapeOf(route.path),
    );
    if (twin) {
      return refused(
        'path',
        `${twin.method} ${twin.path} is listed already, and no request could tell them apart.`,
      );
    }
    await writeRoutes(tx, actor, apiId, { added: [route], origin: 'owner' });
    return { ok: true };
  });
}

export async function removeRoute(
  platform: Platform,
  actor: Actor,
  { apiId, organizationId, id }: RoutesOf & { readonly id: string },
): Promise<RouteChange> {
  return inTransaction(platform, async (tx): Promise<RouteChange> => {
    const held = await holdRoutes(tx, actor, { apiId, organizationId });
    if (!held.ok) return held;
    const route = await tx.db.apiRoute.findFirst({ where: { id, apiId } });
    if (!route) return refused('route', 'This route is not listed any more.');
    await tx.db.apiRoute.deleteMany({ where: { id, apiId } });
    const details = { removed: [`${route.method} ${route.path}`] };
    await recordEvent(tx, actor, 'api-routes.changed', { kind: 'api', id: apiId }, details);
    return { ok: true };
  });
}

/** Changes of one API's routes wait for each other here; none by whoever got a new second factor a few days ago. */
export async function holdRoutes(
  tx: Platform,
  actor: Actor,
  { apiId, organizationId }: RoutesOf,
): Promise<{ ok: true } | Refused<'api' | 'frozen'>> {
  if (!(await holdApi(tx, apiId, organizationId))) return refused('api', 'No API has this ID.');
  return (await actsFrozen(tx, actor)) ? refused('frozen', FROZEN) : { ok: true };
}

/** Routes named in one event of the trail; of more it says how many. */
const MOST_NAMED = 20;

/** Part of a change that judged them: adds routes, and with `instead` removes what came of the reference before. */
export async function writeRoutes(
  tx: Platform,
  actor: Actor,
  apiId: string,
  { added, origin, instead = false }: { added: readonly ApiRoute[]; origin: string; instead?: boolean },
): Promise<void> {
  const createdAt = tx.clock.now();
  if (instead) await tx.db.apiRoute.deleteMany({ where: { apiId, origin: 'reference' } });
  await tx.db.apiRoute.createMany({
    data: added.map(({ method, path, scopes }) => ({
      ...{ id: newId(), apiId, method, path, origin, createdAt },
      scopes: [...scopes],
    })),
  });
  const named = added
    .slice(0, MOST_NAMED)
    .map(({ method, path, scopes }) => `${method} ${path} ${scopes.join(' ')}`);
  const details = { origin, count: added.length, added: named };
  await recordEvent(tx, actor, 'api-routes.changed', { kind: 'api', id: apiId }, details);
}
