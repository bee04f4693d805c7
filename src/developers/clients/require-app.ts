import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { memberOf } from '../organizations/require-member.ts';
import { organizationPath } from '../portal-page.ts';
import { type ClientView, findClient } from './client.ts';

const apps = new WeakMap<Context, ClientView>();

/** Guard, after requireMember, of every route with `:client`: an app of another organization is one that does not exist. */
export function requireApp(platform: Platform): Handler {
  return async (ctx, next) => {
    const app = await findClient(platform, String(ctx.params.client));
    if (!app || app.organizationId !== memberOf(ctx).organization.id) {
      throw new Refusal('not-found', 'portal.nothing-here');
    }
    apps.set(ctx, app);
    return next();
  };
}

/** The app that requireApp let through. */
export function appOf(ctx: Context): ClientView {
  const app = apps.get(ctx);
  if (!app) throw new Error(`the route ${ctx.path} lacks requireApp`);
  return app;
}

/** Where the pages of an app are. */
export function appPath({ organizationId, id }: Pick<ClientView, 'organizationId' | 'id'>): string {
  return `${organizationPath(organizationId)}/apps/${id}`;
}
