import { z } from 'zod';
import type { Platform } from '../../../platform/platform.ts';
import type { Context, Handler } from '../../../platform/web/context.ts';
import { readForm } from '../../../platform/web/forms.ts';
import { seeOther } from '../../../platform/web/see-other.ts';
import { problemOf, renderPortalPage } from '../../portal-page.ts';
import { changeAuthMethod, SERVER_METHODS } from './auth-method.ts';
import { aboutHolder, BESIDE_NO_FIELD, changeFrom, holderOf, memberActor } from './credentials-page.ts';

const Method = z.object({ method: z.enum(SERVER_METHODS) });

/** GET …/credentials/method */
export const showMethod: Handler = (ctx) => {
  if (!holderOf(ctx).keeps) return seeOther(ctx, holderOf(ctx).path);
  renderForm(ctx);
};

/** POST …/credentials/method: the app proves itself in this way from now on. */
export function submitMethod(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Method);
    if (!form.ok) return renderForm(ctx, form);
    const wish = { ...changeFrom(ctx), authMethod: form.value.method };
    const outcome = await changeAuthMethod(platform, memberActor(ctx), wish);
    if (outcome.ok) return seeOther(ctx, `${holderOf(ctx).path}?done=method`);
    return renderForm(ctx, { problems: problemOf(outcome, FIELDS), entered: form.value });
  };
}

const FIELDS = {
  'no-key': 'method',
  'no-secret': 'method',
  ...BESIDE_NO_FIELD,
} as const;

function renderForm(ctx: Context, failed?: object): void {
  const entered = { method: holderOf(ctx).authMethod };
  const data = { ...aboutHolder(ctx), methods: SERVER_METHODS, entered, ...failed };
  renderPortalPage(ctx, 'developers/clients/credentials/auth-method', data, { status: failed ? 422 : 200 });
}
