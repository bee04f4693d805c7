import { z } from 'zod';
import { LIMIT_NAMES, LIMITS } from '../../defense/limits/catalogue.ts';
import { limitInForce } from '../../defense/limits/limit-in-force.ts';
import { refusedNow } from '../../defense/limits/refused-now.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { type FormResult, readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { renderConsolePage } from '../console-page.ts';
import { operatorActor } from '../require-operator.ts';
import { unblock } from './unblock.ts';

/** GET /admin/limits: every limit with its budget, and who is refused now. */
export function showLimits(platform: Platform): Handler {
  return (ctx) => renderLimits(ctx, platform);
}

const Reset = z.object({
  limit: z.enum(LIMIT_NAMES as [string, ...string[]], 'admin-limits.choose-limit'),
  subject: z.string().trim().min(1, 'admin-limits.enter-subject').max(320),
});

/** POST /admin/limits/resets */
export function submitReset(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Reset);
    if (!form.ok) return renderLimits(ctx, platform, form);
    const name = LIMIT_NAMES.find((one) => one === form.value.limit) ?? 'sign-in';
    const wish = { limit: name, subject: form.value.subject };
    const { counted } = await unblock(platform, operatorActor(ctx), wish);
    seeOther(ctx, `/admin/limits?${counted ? 'unblocked' : 'nothing'}`);
  };
}

function renderLimits(
  ctx: Context,
  platform: Platform,
  form?: Extract<FormResult<unknown>, { ok: false }>,
): void {
  const limits = LIMIT_NAMES.map((name) => {
    const inForce = limitInForce(platform, name);
    const usual = LIMITS[name];
    const changed = inForce.budget !== usual.budget || inForce.windowSeconds !== usual.windowSeconds;
    return { name, ...inForce, usual, changed };
  });
  const said = ['unblocked', 'nothing'].find((what) => ctx.query[what] !== undefined);
  // A page stays small, however many are refused.
  const data = { limits, refused: refusedNow(platform).slice(0, 15), said, ...form };
  renderConsolePage(ctx, 'admin/limits/limits', data, { status: form ? 422 : 200 });
}
