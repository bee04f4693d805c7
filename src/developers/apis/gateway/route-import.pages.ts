import { z } from 'zod';
import { accountActor } from '../../../accounts/actor.ts';
import type { Platform } from '../../../platform/platform.ts';
import type { Context, Handler } from '../../../platform/web/context.ts';
import { readForm } from '../../../platform/web/forms.ts';
import { seeOther } from '../../../platform/web/see-other.ts';
import { memberOf } from '../../organizations/require-member.ts';
import { organizationPath, problemOf, renderPortalPage } from '../../portal-page.ts';
import { apiOf } from '../require-api.ts';
import { importRoutes, previewImport } from './route-import.ts';

/** GET …/apis/:api/gateway/reference: what taking over the routes of the reference would do. */
export function showRouteImport(platform: Platform): Handler {
  return async (ctx) => renderImport(platform, ctx, {});
}

async function renderImport(platform: Platform, ctx: Context, data: object, status = 200): Promise<void> {
  const preview = await previewImport(platform, apiOf(ctx).id);
  if (!preview) return backTo(ctx, '');
  const page = { api: apiOf(ctx), preview, ...data };
  renderPortalPage(ctx, 'developers/apis/gateway/route-import', page, { status });
}

const Shown = z.object({ uploaded: z.iso.datetime().transform((text) => new Date(text)) });

/** POST …/apis/:api/gateway/reference: takes them over, as they were shown. */
export function submitRouteImport(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Shown);
    if (!form.ok) return renderImport(platform, ctx, form, 422);
    const { accountId, organization } = memberOf(ctx);
    const wish = { apiId: apiOf(ctx).id, organizationId: organization.id, uploadedAt: form.value.uploaded };
    const imported = await importRoutes(platform, accountActor(ctx, accountId), wish);
    if (imported.ok) return backTo(ctx, '?done=imported');
    return renderImport(platform, ctx, { problems: problemOf(imported, FORM) }, 422);
  };
}

const FORM = { api: 'form', frozen: 'form', 'too-many': 'form', route: 'form' } as const;

function backTo(ctx: Context, query: string): void {
  const home = organizationPath(memberOf(ctx).organization.id);
  seeOther(ctx, `${home}/apis/${apiOf(ctx).id}/gateway${query}`);
}
