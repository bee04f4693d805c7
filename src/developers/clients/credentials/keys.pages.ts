import { z } from 'zod';
import { Refusal } from '../../../platform/errors.ts';
import type { Platform } from '../../../platform/platform.ts';
import type { Context, Handler } from '../../../platform/web/context.ts';
import { readForm } from '../../../platform/web/forms.ts';
import { seeOther } from '../../../platform/web/see-other.ts';
import { problemOf, renderPortalPage } from '../../portal-page.ts';
import { KEY_PAIR_PROGRAM } from '../../support/key-snippets.ts';
import { aboutHolder, BESIDE_NO_FIELD, changeFrom, holderOf, memberActor } from './credentials-page.ts';
import { addKeys, endKey, findKey } from './keys.ts';

const NewKeys = z.object({ label: z.string().max(1000), keys: z.string().min(1) });

/** GET …/credentials/keys/new */
export const showNewKey: Handler = (ctx) => {
  if (!holderOf(ctx).keeps) return seeOther(ctx, holderOf(ctx).path);
  renderForm(ctx);
};

/** POST …/credentials/keys/new. What was pasted is never shown again: it may be a private key. */
export function submitNewKey(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, NewKeys);
    if (!form.ok) return renderForm(ctx, { ...form, entered: { label: form.entered.label } });
    const outcome = await addKeys(platform, memberActor(ctx), { ...changeFrom(ctx), ...form.value });
    if (outcome.ok) return seeOther(ctx, `${holderOf(ctx).path}?done=key-added`);
    const { label } = form.value;
    return renderForm(ctx, { problems: problemOf(outcome, FIELDS), entered: { label } });
  };
}

const FIELDS = {
  label: 'label',
  keys: 'keys',
  key: 'form',
  'too-many': 'form',
  ...BESIDE_NO_FIELD,
} as const;

function renderForm(ctx: Context, failed?: object): void {
  const data = { ...aboutHolder(ctx), program: KEY_PAIR_PROGRAM, ...failed };
  renderPortalPage(ctx, 'developers/clients/credentials/keys-new', data, { status: failed ? 422 : 200 });
}

/** GET …/credentials/keys/:key/ending */
export function showKeyEnd(platform: Platform): Handler {
  return async (ctx) => renderEnd(ctx, platform);
}

/** POST …/credentials/keys/:key/ending */
export function submitKeyEnd(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const { path } = holderOf(ctx);
    const named = { ...changeFrom(ctx), keyId: String(ctx.params.key) };
    const outcome = await endKey(platform, memberActor(ctx), named);
    if (outcome.ok) return seeOther(ctx, `${path}?done=key-ended`);
    if (outcome.reason === 'key') return seeOther(ctx, `${path}?done=gone`);
    return renderEnd(ctx, platform, { problems: problemOf(outcome, FIELDS) });
  };
}

async function renderEnd(ctx: Context, platform: Platform, failed?: object): Promise<void> {
  const key = await findKey(platform, holderOf(ctx).clientId, String(ctx.params.key));
  if (!key) throw new Refusal('not-found', 'portal.nothing-here');
  const data = { ...aboutHolder(ctx), key, ...failed };
  renderPortalPage(ctx, 'developers/clients/credentials/keys-end', data, { status: failed ? 422 : 200 });
}
