import { z } from 'zod';
import { Refusal } from '../../../platform/errors.ts';
import type { Platform } from '../../../platform/platform.ts';
import type { Context, Handler } from '../../../platform/web/context.ts';
import { readForm } from '../../../platform/web/forms.ts';
import { seeOther } from '../../../platform/web/see-other.ts';
import { problemOf, renderPortalPage } from '../../portal-page.ts';
import { KEY_PAIR_PROGRAM } from '../../support/key-snippets.ts';
import { apiChangeFrom, apiMemberActor, apiPath } from '../api-change.ts';
import { apiOf } from '../require-api.ts';
import { addReportKey, endReportKey, findReportKey } from './report-keys.ts';

const NewKey = z.object({ label: z.string().max(1000), keys: z.string().min(1) });

/** GET …/reports/keys/new */
export const showNewReportKey: Handler = (ctx) => renderForm(ctx);

/** POST …/reports/keys/new. What was pasted is never shown again: it may be a private key. */
export function submitNewReportKey(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, NewKey);
    if (!form.ok) return renderForm(ctx, { ...form, entered: { label: form.entered.label } });
    const wish = { ...apiChangeFrom(ctx), ...form.value };
    const outcome = await addReportKey(platform, apiMemberActor(ctx), wish);
    if (outcome.ok) return seeOther(ctx, `${apiPath(ctx, 'reports')}?done=key-added`);
    renderForm(ctx, { problems: problemOf(outcome, FIELDS), entered: { label: form.value.label } });
  };
}

const FIELDS = {
  ...{ label: 'label', keys: 'keys', 'too-many': 'form', key: 'form' },
  ...{ holder: 'form', frozen: 'form', sponsored: 'form' },
} as const;

function renderForm(ctx: Context, failed?: object): void {
  const data = {
    ...{ api: apiOf(ctx), path: ctx.path, list: apiPath(ctx, 'reports'), program: KEY_PAIR_PROGRAM },
    ...failed,
  };
  renderPortalPage(ctx, 'developers/apis/reports/report-keys-new', data, { status: failed ? 422 : 200 });
}

/** GET …/reports/keys/:key/ending */
export function showReportKeyEnd(platform: Platform): Handler {
  return async (ctx) => renderEnd(ctx, platform);
}

/** POST …/reports/keys/:key/ending */
export function submitReportKeyEnd(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const named = { ...apiChangeFrom(ctx), keyId: String(ctx.params.key) };
    const outcome = await endReportKey(platform, apiMemberActor(ctx), named);
    if (outcome.ok) return seeOther(ctx, `${apiPath(ctx, 'reports')}?done=key-ended`);
    if (outcome.reason === 'key') return seeOther(ctx, `${apiPath(ctx, 'reports')}?done=gone`);
    return renderEnd(ctx, platform, { problems: problemOf(outcome, FIELDS) });
  };
}

async function renderEnd(ctx: Context, platform: Platform, failed?: object): Promise<void> {
  const api = apiOf(ctx);
  const key = await findReportKey(platform, api.id, String(ctx.params.key));
  if (!key) throw new Refusal('not-found', 'portal.nothing-here');
  const data = { api, key, path: ctx.path, list: apiPath(ctx, 'reports'), ...failed };
  renderPortalPage(ctx, 'developers/apis/reports/report-keys-end', data, { status: failed ? 422 : 200 });
}
