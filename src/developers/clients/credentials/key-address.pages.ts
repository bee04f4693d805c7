import { z } from 'zod';
import type { Platform } from '../../../platform/platform.ts';
import type { Context, Handler } from '../../../platform/web/context.ts';
import { readForm } from '../../../platform/web/forms.ts';
import { seeOther } from '../../../platform/web/see-other.ts';
import { problemOf, renderPortalPage } from '../../portal-page.ts';
import { aboutHolder, BESIDE_NO_FIELD, changeFrom, holderOf, memberActor } from './credentials-page.ts';
import { changeKeyAddress } from './key-address.ts';

/** Empty: keys are fetched from nowhere. */
const KeyAddress = z.object({ uri: z.string().trim().max(1000) });

/** GET …/credentials/key-address */
export const showKeyAddress: Handler = (ctx) => {
  if (!holderOf(ctx).keeps) return seeOther(ctx, holderOf(ctx).path);
  renderForm(ctx);
};

/** POST …/credentials/key-address */
export function submitKeyAddress(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, KeyAddress);
    if (!form.ok) return renderForm(ctx, form);
    const uri = form.value.uri === '' ? null : form.value.uri;
    const outcome = await changeKeyAddress(platform, memberActor(ctx), { ...changeFrom(ctx), uri });
    if (outcome.ok) return seeOther(ctx, `${holderOf(ctx).path}?done=key-address`);
    return renderForm(ctx, { problems: problemOf(outcome, FIELDS), entered: form.value });
  };
}

const FIELDS = {
  uri: 'uri',
  'in-use': 'uri',
  ...BESIDE_NO_FIELD,
} as const;

function renderForm(ctx: Context, failed?: object): void {
  const entered = { uri: holderOf(ctx).app?.jwksUri ?? '' };
  const data = { ...aboutHolder(ctx), entered, ...failed };
  renderPortalPage(ctx, 'developers/clients/credentials/key-address', data, { status: failed ? 422 : 200 });
}
