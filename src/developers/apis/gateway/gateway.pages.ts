import { z } from 'zod';
import { accountActor } from '../../../accounts/actor.ts';
import { UUID } from '../../../platform/ids.ts';
import type { Platform } from '../../../platform/platform.ts';
import type { Context, Handler } from '../../../platform/web/context.ts';
import { readForm } from '../../../platform/web/forms.ts';
import { seeOther } from '../../../platform/web/see-other.ts';
import { memberOf } from '../../organizations/require-member.ts';
import { organizationPath, problemOf, renderPortalPage } from '../../portal-page.ts';
import { credentialsCommand, gatewayConfigs } from '../../support/gateway-configs.ts';
import { hasReference } from '../reference/reference.ts';
import { apiOf } from '../require-api.ts';
import { scopesOf } from '../scopes/scope-changes.ts';
import { judgeRoute } from './judge-route.ts';
import { addRoute, listRoutes, removeRoute } from './route-changes.ts';
import { routeTable } from './route-table.ts';
import { ROUTE_METHODS } from './route-wishes.ts';

const Query = z.object({
  method: z.string().max(20).optional().catch(undefined),
  path: z.string().max(2_000).default('').catch(''),
  scopes: z.string().max(1_000).default('').catch(''),
  done: z.enum(['added', 'removed', 'imported']).optional().catch(undefined),
});

/** GET …/apis/:api/gateway: what a gateway lets through, how one is set up, and what it would answer. */
export function showGateway(platform: Platform): Handler {
  return async (ctx) => renderGateway(platform, ctx, {});
}

async function renderGateway(platform: Platform, ctx: Context, data: object, status = 200): Promise<void> {
  const api = apiOf(ctx);
  const { method, path, scopes: held, done } = Query.parse({ ...ctx.query });
  const routes = await listRoutes(platform, api.id);
  const scopes = await scopesOf(platform, api.id);
  const rules = { scopes, table: routes.length > 0 ? routeTable(routes) : undefined };
  const verdict =
    method === undefined ? undefined : judgeRoute(rules, { method, target: path }, namesIn(held));
  const page = {
    ...{ api, routes, scopes: scopes.map(({ name }) => name), methods: ROUTE_METHODS, done },
    hasReference: await hasReference(platform, api.id),
    tried: { method: method ?? 'GET', path, scopes: held },
    ...{ verdict, configs: gatewayConfigs(valuesOf(platform, api)) },
    credentials: credentialsCommand(api.clientId),
  };
  renderPortalPage(ctx, 'developers/apis/gateway/gateway', { ...page, ...data }, { status });
}

function valuesOf({ config }: Platform, { clientId, identifier }: { clientId: string; identifier: string }) {
  const apiHost = URL.parse(identifier)?.host || 'api.example';
  return { issuer: config.issuer, clientId, listen: '8080', upstream: 'http://127.0.0.1:4001', apiHost };
}

function namesIn(text: string): string[] {
  return text.split(/[\s,]+/).filter((name) => name !== '');
}

const NewRoute = z.object({
  method: z.string().trim().max(20),
  path: z.string().trim().max(1_000),
  scopes: z.string().max(2_000).default(''),
});

/** POST …/apis/:api/gateway/routes: lists one. */
export function submitRoute(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, NewRoute);
    if (!form.ok) return renderGateway(platform, ctx, form, 422);
    const { scopes, ...route } = form.value;
    const wish = { ...routesOf(ctx), ...route, scopes: namesIn(scopes) };
    const added = await addRoute(platform, accountActor(ctx, memberOf(ctx).accountId), wish);
    if (added.ok) return backTo(ctx, '?done=added');
    const problems = problemOf(added, { api: 'form', frozen: 'form', 'too-many': 'form', route: 'form' });
    return renderGateway(platform, ctx, { problems, entered: form.value }, 422);
  };
}

/** POST …/apis/:api/gateway/routes/:route/removal. */
export function submitRouteRemoval(platform: Platform): Handler {
  return async (ctx) => {
    const id = String(ctx.params.route);
    const form = await readForm(ctx, z.object({}));
    if (!form.ok) return renderGateway(platform, ctx, form, 422);
    const wish = { ...routesOf(ctx), id: UUID.test(id) ? id : '00000000-0000-0000-0000-000000000000' };
    const removed = await removeRoute(platform, accountActor(ctx, memberOf(ctx).accountId), wish);
    if (removed.ok) return backTo(ctx, '?done=removed');
    return renderGateway(platform, ctx, { problems: problemOf(removed, FORM) }, 422);
  };
}

const FORM = { api: 'form', frozen: 'form', 'too-many': 'form', route: 'form' } as const;

/** GET where only a button leads: whoever had to sign in before it took effect. */
export const showGatewayInstead: Handler = (ctx) => backTo(ctx, '');

function routesOf(ctx: Context) {
  return { apiId: apiOf(ctx).id, organizationId: memberOf(ctx).organization.id };
}

function backTo(ctx: Context, query: string): void {
  const { apiId, organizationId } = routesOf(ctx);
  seeOther(ctx, `${organizationPath(organizationId)}/apis/${apiId}/gateway${query}`);
}
