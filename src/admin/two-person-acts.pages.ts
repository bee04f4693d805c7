import { z } from 'zod';
import { actorName } from '../audit/actor.ts';
import { Refusal } from '../platform/errors.ts';
import { UUID } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import type { Context, Handler } from '../platform/web/context.ts';
import { type Problems, readForm } from '../platform/web/forms.ts';
import { seeOther } from '../platform/web/see-other.ts';
import { actNamed } from './acts.ts';
import { problemOf, renderConsolePage } from './console-page.ts';
import { peopleNamed } from './people.ts';
import { operatorActor, operatorOf } from './require-operator.ts';
import { mayOperate } from './roles.ts';
import { confirmAct, withdrawAct } from './two-person-acts.ts';
import { findAct, listDecidedActs, listWaitingActs, type WrittenAct } from './waiting-acts.ts';

const Query = z.object({ before: z.string().regex(UUID).optional().catch(undefined) });

/** GET /admin/two-person-acts */
export function showActs(platform: Platform): Handler {
  return async (ctx) => {
    const waiting = await listWaitingActs(platform);
    const { acts: decided, next } = await listDecidedActs(platform, Query.parse({ ...ctx.query }));
    const who = await peopleNamed(
      platform,
      [...waiting, ...decided].map(({ askedBy }) => askedBy),
    );
    renderConsolePage(ctx, 'admin/two-person-acts', { waiting, decided, next, who });
  };
}

/** GET /admin/two-person-acts/:act */
export function showAct(platform: Platform): Handler {
  return async (ctx) => renderAct(ctx, platform, await actAt(ctx, platform));
}

const Confirmation = z.object({ sure: z.literal('yes', 'admin.tick-to-confirm') });

/** POST /admin/two-person-acts/:act/confirmation */
export function submitConfirmation(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Confirmation);
    const { id } = await actAt(ctx, platform);
    const done = form.ok ? await confirmAct(platform, operatorActor(ctx), { id }) : undefined;
    if (done?.ok) return seeOther(ctx, `/admin/two-person-acts/${id}`);
    // Read again: what could not be done any more is decided by now.
    await renderAct(
      ctx,
      platform,
      await actAt(ctx, platform),
      form.ok ? done && problemOf(done) : form.problems,
    );
  };
}

/** POST /admin/two-person-acts/:act/withdrawal */
export function submitWithdrawal(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const { id } = await actAt(ctx, platform);
    const done = await withdrawAct(platform, operatorActor(ctx), { id });
    if (done.ok) return seeOther(ctx, `/admin/two-person-acts/${id}`);
    await renderAct(ctx, platform, await actAt(ctx, platform), problemOf(done));
  };
}

async function actAt(ctx: Context, platform: Platform): Promise<WrittenAct> {
  const found = await findAct(platform, String(ctx.params.act));
  if (!found) throw new Refusal('not-found', 'errors.nothing-here');
  return found;
}

async function renderAct(
  ctx: Context,
  platform: Platform,
  shown: WrittenAct,
  problems?: Problems,
): Promise<void> {
  const act = actNamed(shown.act);
  const { role } = operatorOf(ctx);
  const may = act !== undefined && mayOperate(role, act.permission);
  const page = act && mayOperate(role, act.reading) ? act.page(shown.input) : undefined;
  const asked = ctx.query.asked !== undefined && shown.outcome === null;
  const own = shown.askedBy === actorName(operatorActor(ctx));
  const who = await peopleNamed(platform, [shown.askedBy, shown.confirmedBy]);
  const data = { shown, who, own, mayAct: may, page, asked, problems };
  renderConsolePage(ctx, 'admin/two-person-acts-one', data, { status: problems ? 422 : 200 });
}
