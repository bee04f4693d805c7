import { z } from 'zod';
import { accountsNamed } from '../../accounts/account.ts';
import { findAppeal } from '../../defense/suspensions/appeals.ts';
import { findSuspension } from '../../defense/suspensions/suspension.ts';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import type { TextKey } from '../../platform/words/text-keys.ts';
import { problemOf, renderConsolePage } from '../console-page.ts';
import { peopleNamed } from '../people.ts';
import { operatorActor } from '../require-operator.ts';
import { askedPath, listWaitingActs } from '../waiting-acts.ts';
import { decideAppealAsOperator } from './decide-appeal.ts';
import { shown } from './suspension-words.ts';

/** GET /admin/appeals/:appeal: what the owners wrote, and what it is about, beside each other. */
export function showAppeal(platform: Platform): Handler {
  return (ctx) => renderAppeal(ctx, platform);
}

const Wish = z.object({
  /** What the page was about when it was opened. */
  appeal: z.string().max(60),
  decision: z.enum(['grant', 'refuse'], 'admin-suspensions.choose-decision' satisfies TextKey),
  note: z
    .string()
    .trim()
    .max(500, 'admin-suspensions.appeal-note-too-long' satisfies TextKey)
    .default(''),
  reason: z.string().trim().max(500).default(''),
});

/** POST /admin/appeals/:appeal */
export function submitAppealDecision(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Wish);
    if (!form.ok) return renderAppeal(ctx, platform, form);
    const { appeal, decision, note, reason } = form.value;
    if (appeal !== ctx.params.appeal) throw new Refusal('bad-request', 'admin-queues.other-page');
    const wish = { appeal, grant: decision === 'grant', note, reason };
    const outcome = await decideAppealAsOperator(platform, operatorActor(ctx), wish);
    if (outcome.ok) {
      return seeOther(
        ctx,
        outcome.outcome === 'asked' ? askedPath(outcome.act) : `/admin/appeals?done=${outcome.outcome}`,
      );
    }
    const problems = problemOf(outcome, { note: 'note', reason: 'reason' });
    await renderAppeal(ctx, platform, { problems, entered: { note, reason } });
  };
}

async function renderAppeal(
  ctx: Context,
  platform: Platform,
  { problems, entered }: { readonly problems?: object; readonly entered?: object } = {},
): Promise<void> {
  const appeal = await findAppeal(platform, String(ctx.params.appeal));
  const found = appeal && (await findSuspension(platform, appeal.suspensionId));
  const [suspension] = found ? await shown(platform, [found]) : [];
  if (!appeal || !suspension) throw new Refusal('not-found', 'errors.nothing-here');
  const [people, acts, who] = await Promise.all([
    accountsNamed(platform, [appeal.madeBy]),
    listWaitingActs(platform),
    peopleNamed(platform, [appeal.decidedBy]),
  ]);
  const act = acts.find(({ act: name, input }) => name === 'grant-appeal' && appealIn(input) === appeal.id);
  const data = { appeal, suspension, madeBy: people.get(appeal.madeBy), act, who: who(appeal.decidedBy) };
  const status = problems ? 422 : 200;
  renderConsolePage(ctx, 'admin/suspensions/appeal', { ...data, problems, entered }, { status });
}

function appealIn(input: unknown): unknown {
  return (input as { appeal?: unknown }).appeal;
}
