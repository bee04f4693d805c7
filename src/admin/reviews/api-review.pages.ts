import { z } from 'zod';
import { type ApprovalOutcome, approveApi, refuseApi } from '../../developers/apis/approval.ts';
import { openIdentifierDossier } from '../../developers/apis/identifier-dossier.ts';
import type { Actor } from '../../audit/actor.ts';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import type { TextKey } from '../../platform/words/text-keys.ts';
import { problemOf, renderConsolePage } from '../console-page.ts';
import { operatorActor } from '../require-operator.ts';

/** GET /admin/reviews/apis/:api: an identifier that waits to be given. */
export function showApiReview(platform: Platform): Handler {
  return (ctx) => renderApiReview(ctx, platform);
}

const Wish = z.object({
  /** What the page was about when it was opened, and what it claimed then. */
  api: z.string().max(60),
  claim: z.string().min(1).max(600),
  decision: z.enum(['approve', 'refuse'], 'admin-queues.choose' satisfies TextKey),
  note: z
    .string()
    .trim()
    .max(300, 'admin-queues.note-too-long' satisfies TextKey)
    .default(''),
});

/** POST /admin/reviews/apis/:api */
export function submitApiDecision(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Wish);
    if (!form.ok) return renderApiReview(ctx, platform, form);
    if (form.value.api !== ctx.params.api) throw new Refusal('bad-request', 'admin-queues.other-page');
    const outcome = await decide(platform, operatorActor(ctx), form.value);
    const { decision, note } = form.value;
    if (outcome.ok)
      return seeOther(ctx, `/admin/reviews?done=${decision === 'approve' ? 'approved' : 'refused'}`);
    await renderApiReview(ctx, platform, {
      problems: problemOf(outcome, { note: 'note' }),
      entered: { note },
    });
  };
}

function decide(
  platform: Platform,
  actor: Actor,
  { api, claim, decision, note }: z.output<typeof Wish>,
): Promise<ApprovalOutcome> {
  if (decision === 'refuse') return refuseApi(platform, actor, { api, claim, note });
  return approveApi(platform, actor, { api, claim, note: note === '' ? undefined : note });
}

async function renderApiReview(
  ctx: Context,
  platform: Platform,
  { problems, entered }: { readonly problems?: object; readonly entered?: object } = {},
): Promise<void> {
  const dossier = await openIdentifierDossier(platform, String(ctx.params.api));
  if (!dossier) throw new Refusal('not-found', 'errors.nothing-here');
  const data = { ...dossier, problems, entered };
  renderConsolePage(ctx, 'admin/reviews/api-review', data, { status: problems ? 422 : 200 });
}
