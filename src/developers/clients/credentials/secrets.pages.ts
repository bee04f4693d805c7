import { z } from 'zod';
import { Refusal } from '../../../platform/errors.ts';
import type { Platform } from '../../../platform/platform.ts';
import type { Context, Handler } from '../../../platform/web/context.ts';
import { readForm } from '../../../platform/web/forms.ts';
import { seeOther } from '../../../platform/web/see-other.ts';
import type { TextKey } from '../../../platform/words/text-keys.ts';
import { problemOf, renderPortalPage } from '../../portal-page.ts';
import { describeCredentials } from './credential-list.ts';
import { aboutHolder, BESIDE_NO_FIELD, changeFrom, holderOf, memberActor } from './credentials-page.ts';
import { createSecret, endSecret } from './secrets.ts';

/** Ends that are offered; an operator may choose others. */
const DAYS = ['', '30', '90', '180', '365'] as const;

const NewSecret = z.object({
  label: z.string().max(1000),
  days: z
    .enum(DAYS, { error: 'credentials.days-problem' satisfies TextKey })
    .transform((days) => (days === '' ? null : Number(days))),
});

/** GET …/credentials/secrets/new */
export const showNewSecret: Handler = (ctx) => {
  if (!holderOf(ctx).keeps) return seeOther(ctx, holderOf(ctx).path);
  renderForm(ctx);
};

/** POST …/credentials/secrets/new: shows the secret, once. */
export function submitNewSecret(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, NewSecret);
    if (!form.ok) return renderForm(ctx, form);
    const outcome = await createSecret(platform, memberActor(ctx), { ...changeFrom(ctx), ...form.value });
    if (!outcome.ok) {
      const { label, days } = form.value;
      return renderForm(ctx, {
        problems: problemOf(outcome, FIELDS),
        entered: { label, days: String(days ?? '') },
      });
    }
    const data = { ...aboutHolder(ctx), secret: outcome.issued.secret, expiresAt: outcome.expiresAt };
    renderPortalPage(ctx, 'developers/clients/credentials/secrets-made', data, { status: 201 });
  };
}

const FIELDS = {
  label: 'label',
  days: 'days',
  'too-many': 'form',
  ...BESIDE_NO_FIELD,
} as const;

function renderForm(ctx: Context, failed?: object): void {
  const data = { ...aboutHolder(ctx), days: DAYS, ...failed };
  renderPortalPage(ctx, 'developers/clients/credentials/secrets-new', data, { status: failed ? 422 : 200 });
}

/** GET …/credentials/secrets/:secret/ending: what ending it means. */
export function showSecretEnd(platform: Platform): Handler {
  return async (ctx) => renderEnd(ctx, platform);
}

/** POST …/credentials/secrets/:secret/ending */
export function submitSecretEnd(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const { path } = holderOf(ctx);
    const named = { ...changeFrom(ctx), secretId: String(ctx.params.secret) };
    const outcome = await endSecret(platform, memberActor(ctx), named);
    if (outcome.ok) return seeOther(ctx, `${path}?done=secret-ended`);
    if (outcome.reason === 'secret') return seeOther(ctx, `${path}?done=gone`);
    return renderEnd(ctx, platform, { problems: problemOf(outcome, FIELDS) });
  };
}

async function renderEnd(ctx: Context, platform: Platform, failed?: object): Promise<void> {
  const { clientId } = holderOf(ctx);
  const { live } = await describeCredentials(platform, clientId);
  const secret = live.find(({ id }) => id === ctx.params.secret);
  if (!secret) throw new Refusal('not-found', 'portal.nothing-here');
  const data = { ...aboutHolder(ctx), secret, last: live.length === 1, ...failed };
  renderPortalPage(ctx, 'developers/clients/credentials/secrets-end', data, { status: failed ? 422 : 200 });
}
