import { z } from 'zod';
import { accountActor } from '../../../accounts/actor.ts';
import { Refusal } from '../../../platform/errors.ts';
import type { Platform } from '../../../platform/platform.ts';
import type { Context, Handler } from '../../../platform/web/context.ts';
import { readForm } from '../../../platform/web/forms.ts';
import { seeOther } from '../../../platform/web/see-other.ts';
import { memberOf } from '../../organizations/require-member.ts';
import { organizationPath, problemOf, renderPortalPage } from '../../portal-page.ts';
import { apiOf } from '../require-api.ts';
import { scopesOf } from './scope-changes.ts';
import { appsUsingScope, removeScope } from './scope-removal.ts';

/** GET …/scopes/by-name/:scope/removal: says first how many apps use it. */
export function showScopeRemoval(platform: Platform): Handler {
  return (ctx) => renderRemoval(platform, ctx, {});
}

async function renderRemoval(platform: Platform, ctx: Context, data: object, status = 200): Promise<void> {
  const api = apiOf(ctx);
  const scope = (await scopesOf(platform, api.id)).find(({ name }) => name === ctx.params.scope);
  if (!scope) throw new Refusal('not-found', 'portal.nothing-here');
  const apps = await appsUsingScope(platform, { apiId: api.id, name: scope.name });
  renderPortalPage(ctx, 'developers/apis/scopes/scope-removal', { api, scope, apps, ...data }, { status });
}

const Removal = z.object({
  apps: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
});

/** POST …/scopes/by-name/:scope/removal */
export function submitScopeRemoval(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId, organization } = memberOf(ctx);
    const form = await readForm(ctx, Removal);
    if (!form.ok) return renderRemoval(platform, ctx, {}, 422);
    const scope = { apiId: apiOf(ctx).id, organizationId: organization.id, name: String(ctx.params.scope) };
    const actor = accountActor(ctx, accountId);
    const removed = await removeScope(platform, actor, { ...scope, ...form.value });
    if (removed.ok || removed.reason === 'scope')
      return seeOther(ctx, `${organizationPath(organization.id)}/apis/${scope.apiId}/scopes`);
    return renderRemoval(platform, ctx, { problems: problemOf(removed, { apps: 'form', api: 'form' }) }, 422);
  };
}
