import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { addRedirectUri } from '../clients/redirect-changes.ts';
import { appOf } from '../clients/require-app.ts';
import { memberOf } from '../organizations/require-member.ts';
import { organizationPath, problemOf, renderPortalPage } from '../portal-page.ts';
import { findSentRedirectUri } from './sent-redirect-uri.ts';

const REQUEST_ID = z.string().regex(/^[A-Za-z0-9._-]{8,64}$/);
const Query = z.object({ request: REQUEST_ID.optional().catch(undefined) });
/** The URI itself never comes from a link or a form. */
const Addition = z.object({ request: REQUEST_ID });

/** GET …/redirect-uris/additions: the URI of a request that was refused for it, to be looked at before it is added. */
export function showAddition(platform: Platform): Handler {
  return async (ctx) => {
    const { request = '' } = Query.parse({ ...ctx.query });
    await renderAddition(platform, ctx, request, {});
  };
}

/** POST …/redirect-uris/additions */
export function submitAddition(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Addition);
    const request = form.ok ? form.value.request : '';
    const sent = await findSentRedirectUri(platform, appOf(ctx).id, request);
    if (!sent) return renderAddition(platform, ctx, request, {});
    const { organization, accountId } = memberOf(ctx);
    const { id: clientId } = appOf(ctx);
    const added = await addRedirectUri(platform, accountActor(ctx, accountId), {
      ...{ organizationId: organization.id, clientId, uri: sent.uri },
    });
    if (!added.ok) return renderAddition(platform, ctx, request, { problems: problemOf(added, {}) });
    seeOther(ctx, `${pathOf(ctx)}/redirect-uris?done=${added.outcome}`);
  };
}

async function renderAddition(
  platform: Platform,
  ctx: Context,
  request: string,
  data: { readonly problems?: ReturnType<typeof problemOf> },
): Promise<void> {
  const app = appOf(ctx);
  const sent = await findSentRedirectUri(platform, app.id, request);
  const status = data.problems ? 400 : sent ? 200 : 404;
  const page = { app, sent, request, path: pathOf(ctx), ...data };
  renderPortalPage(ctx, 'developers/insights/redirect-addition', page, { status });
}

function pathOf(ctx: Context): string {
  return `${organizationPath(memberOf(ctx).organization.id)}/apps/${appOf(ctx).id}`;
}
