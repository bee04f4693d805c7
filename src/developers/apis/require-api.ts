import { Refusal } from '../../platform/errors.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { memberOf } from '../organizations/require-member.ts';
import { type Api, findApiById } from './api.ts';

const apis = new WeakMap<Context, Api>();

/** Guard, after requireMember, of every route with `:api`: an API of another organization is one that does not exist. */
export function requireApi(platform: Platform): Handler {
  return async (ctx, next) => {
    const id = String(ctx.params.api);
    const api = UUID.test(id) ? await findApiById(platform, id) : undefined;
    if (!api || api.organizationId !== memberOf(ctx).organization.id) {
      throw new Refusal('not-found', 'portal.nothing-here');
    }
    apis.set(ctx, api);
    return next();
  };
}

/** The API that requireApi let through. */
export function apiOf(ctx: Context): Api {
  const api = apis.get(ctx);
  if (!api) throw new Error(`the route ${ctx.path} lacks requireApi`);
  return api;
}
