import { z } from 'zod';
import { listSigningKeys, rotateSigningKeys, type SigningKeyView } from '../../oidc/signing-keys.ts';
import { secondsAfter } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { type Problems, readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { LIFETIMES } from '../../tokens/lifetimes.ts';
import { renderConsolePage } from '../console-page.ts';
import { KEY_DAYS } from '../home.ts';
import { operatorActor } from '../require-operator.ts';

/** GET /admin/keys: what signs now, what signs next, and what only verifies. */
export function showKeys(platform: Platform): Handler {
  return async (ctx) => {
    const keys = (await listSigningKeys(platform)).map(withTimes);
    const rotated = ctx.query.rotated !== undefined;
    renderConsolePage(ctx, 'admin/keys/keys', { keys, states: STATES, days: KEY_DAYS, rotated });
  };
}

/** In the order in which a key passes through them, what is in use first. */
const STATES = ['active', 'next', 'retired'] as const;

function withTimes(key: SigningKeyView) {
  return {
    ...key,
    changeBy: key.promotedAt && secondsAfter(key.promotedAt, KEY_DAYS * 86_400),
    goneAt: key.retiredAt && secondsAfter(key.retiredAt, LIFETIMES.retiredSigningKey),
  };
}

/** GET /admin/keys/rotation */
export function showRotation(platform: Platform): Handler {
  return (ctx) => renderRotation(ctx, platform);
}

const Rotation = z.object({ sure: z.literal('yes', 'admin-keys.tick-to-rotate') });

/** POST /admin/keys/rotation */
export function submitRotation(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Rotation);
    if (!form.ok) return renderRotation(ctx, platform, form.problems);
    await rotateSigningKeys(platform, operatorActor(ctx));
    seeOther(ctx, '/admin/keys?rotated');
  };
}

async function renderRotation(ctx: Context, platform: Platform, problems?: Problems): Promise<void> {
  const keys = await listSigningKeys(platform);
  const data = { coming: keys.filter(({ state }) => state === 'next'), problems };
  renderConsolePage(ctx, 'admin/keys/keys-rotation', data, { status: problems ? 422 : 200 });
}
