import { z } from 'zod';
import { Refusal } from '../../../platform/errors.ts';
import type { Platform } from '../../../platform/platform.ts';
import type { Context, Handler } from '../../../platform/web/context.ts';
import { readForm } from '../../../platform/web/forms.ts';
import { problemOf, renderPortalPage } from '../../portal-page.ts';
import { aboutHolder, BESIDE_NO_FIELD, changeFrom, holderOf, memberActor } from './credentials-page.ts';
import { OVERLAPS, type Overlap, rotateSecret } from './secret-rotation.ts';
import { findSecret, isLive } from './secrets.ts';

const CHOICES = Object.keys(OVERLAPS) as [Overlap];

const Rotation = z.object({
  overlap: z.enum(CHOICES),
  endsWhenSilent: z.literal('yes').optional(),
});

/** GET …/credentials/secrets/:secret/rotation */
export function showRotation(platform: Platform): Handler {
  return async (ctx) => renderForm(ctx, platform);
}

/** POST …/credentials/secrets/:secret/rotation: shows the new secret, once. */
export function submitRotation(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Rotation);
    if (!form.ok) return renderForm(ctx, platform, form);
    const { overlap, endsWhenSilent } = form.value;
    const outcome = await rotateSecret(platform, memberActor(ctx), {
      ...changeFrom(ctx),
      ...{ overlap, endsWhenSilent: endsWhenSilent === 'yes', secretId: String(ctx.params.secret) },
    });
    if (!outcome.ok) {
      if (outcome.reason === 'secret') throw new Refusal('not-found', 'portal.nothing-here');
      return renderForm(ctx, platform, { problems: problemOf(outcome, FIELDS), entered: form.value });
    }
    const { issued, oldUntil } = outcome;
    const data = { ...aboutHolder(ctx), secret: issued.secret, oldUntil, overlap };
    renderPortalPage(ctx, 'developers/clients/credentials/secret-rotation-made', data, { status: 201 });
  };
}

const FIELDS = {
  'too-many': 'overlap',
  replaced: 'form',
  ...BESIDE_NO_FIELD,
} as const;

async function renderForm(ctx: Context, platform: Platform, failed?: object): Promise<void> {
  const { clientId } = holderOf(ctx);
  const secret = await findSecret(platform, { holderId: clientId, secretId: String(ctx.params.secret) });
  if (!secret || !isLive(secret, platform.clock.now())) throw new Refusal('not-found', 'portal.nothing-here');
  const data = { ...aboutHolder(ctx), secret, overlaps: CHOICES, ...failed };
  renderPortalPage(ctx, 'developers/clients/credentials/secret-rotation', data, {
    status: failed ? 422 : 200,
  });
}
