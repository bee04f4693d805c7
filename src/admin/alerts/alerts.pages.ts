import { z } from 'zod';
import { type Alert, closeAlert, findAlert, listAlerts } from '../../defense/alert-list.ts';
import { Refusal } from '../../platform/errors.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { type FormResult, readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { problemOf, renderConsolePage } from '../console-page.ts';
import { pageAbout } from '../page-about.ts';
import { operatorActor } from '../require-operator.ts';
import { alertWords } from './alert-words.ts';

const Query = z.object({
  closed: z.string().optional(),
  before: z.string().regex(UUID).optional().catch(undefined),
});

/** GET /admin/alerts: the open ones, or with ?closed the others. */
export function showAlerts(platform: Platform): Handler {
  return async (ctx) => {
    const { closed, before } = Query.parse({ ...ctx.query });
    const open = closed === undefined;
    const page = await listAlerts(platform, { open, before });
    renderConsolePage(ctx, 'admin/alerts/alerts', { ...page, open, words: alertWords });
  };
}

/** GET /admin/alerts/:alert */
export function showAlert(platform: Platform): Handler {
  return async (ctx) => renderAlert(ctx, await alertAt(ctx, platform));
}

const Closing = z.object({ note: z.string().trim().min(3, 'admin.say-what-came').max(500) });

/** POST /admin/alerts/:alert/closing */
export function submitClosing(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Closing);
    const alert = await alertAt(ctx, platform);
    if (!form.ok) return renderAlert(ctx, alert, form);
    const closed = await closeAlert(platform, operatorActor(ctx), { id: alert.id, note: form.value.note });
    if (closed.ok) return seeOther(ctx, `/admin/alerts/${alert.id}?done`);
    const problems = problemOf(closed, { note: 'note' });
    renderAlert(ctx, await alertAt(ctx, platform), { ok: false, problems, entered: form.value });
  };
}

async function alertAt(ctx: Context, platform: Platform): Promise<Alert> {
  const found = await findAlert(platform, String(ctx.params.alert));
  if (!found) throw new Refusal('not-found', 'errors.nothing-here');
  return found;
}

function renderAlert(ctx: Context, alert: Alert, form?: Extract<FormResult<unknown>, { ok: false }>): void {
  const evidence = Object.entries(alert.evidence).map(([name, value]) => [
    name.replaceAll('_', ' '),
    (Array.isArray(value) ? value : [value]).map((one) => ({
      text: String(one),
      page: pageAbout(name, String(one)),
    })),
  ]);
  const done = ctx.query.done !== undefined;
  const data = { alert, title: alertWords(alert.kind), evidence, look: whereToLook(alert), done, ...form };
  renderConsolePage(ctx, 'admin/alerts/alerts-one', data, { status: form ? 422 : 200 });
}

/** Sign-ins that got through are what the first two ask to look for; they last from the minute in which it began. */
function whereToLook({ kind, openedAt }: Alert): string | undefined {
  const from = openedAt.toISOString().slice(0, 16);
  if (kind === 'stuffing' || kind === 'spraying')
    return `/admin/events?${new URLSearchParams({ action: 'browser-session.completed', from })}`;
  if (kind === 'suspensions-exceed-share') return '/admin/suspensions';
  return kind === 'overload' ? '/admin/limits' : undefined;
}
