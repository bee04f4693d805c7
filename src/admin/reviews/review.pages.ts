import { z } from 'zod';
import { logoPath } from '../../developers/clients/logo.ts';
import { type Dossier, openDossier, waitingLogo } from '../../developers/clients/review-dossier.ts';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import type { TextKey } from '../../platform/words/text-keys.ts';
import { problemOf, renderConsolePage } from '../console-page.ts';
import { operatorActor } from '../require-operator.ts';
import { askedPath, listWaitingActs } from '../waiting-acts.ts';
import { decideAsOperator } from './decide.ts';

/** GET /admin/reviews/:review: everything it takes to decide, on one page. */
export function showReview(platform: Platform): Handler {
  return (ctx) => renderReview(ctx, platform);
}

const Wish = z.object({
  /** What the page was about when it was opened. */
  review: z.string().max(60),
  mark: z.string().max(60),
  decision: z.enum(['approve', 'refuse'], 'admin-queues.choose' satisfies TextKey),
  note: z
    .string()
    .trim()
    .max(300, 'admin-queues.note-too-long' satisfies TextKey)
    .default(''),
  reason: z.string().trim().max(500).default(''),
});

/** POST /admin/reviews/:review */
export function submitDecision(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Wish);
    if (!form.ok) return renderReview(ctx, platform, form);
    const { review, mark, decision, note, reason } = form.value;
    if (review !== ctx.params.review) throw new Refusal('bad-request', 'admin-queues.other-page');
    const approve = decision === 'approve';
    const wish = { review, mark, approve, reason, note: note === '' ? undefined : note };
    const outcome = await decideAsOperator(platform, operatorActor(ctx), wish);
    if (outcome.ok) {
      return seeOther(
        ctx,
        outcome.outcome === 'asked' ? askedPath(outcome.act) : `/admin/reviews?done=${outcome.outcome}`,
      );
    }
    const problems = problemOf(outcome, { note: 'note', reason: 'reason' });
    await renderReview(ctx, platform, { problems, entered: { note, reason } });
  };
}

async function renderReview(
  ctx: Context,
  platform: Platform,
  filled: { readonly problems?: object; readonly entered?: object } = {},
): Promise<void> {
  const dossier = await openDossier(platform, String(ctx.params.review));
  if (!dossier) throw new Refusal('not-found', 'errors.nothing-here');
  const { id } = dossier.review;
  const acts = await listWaitingActs(platform);
  const act = acts.find(({ act: name, input }) => name === 'verify-publisher' && reviewIn(input) === id);
  const { problems, entered } = filled;
  const data = { ...dossier, ...changesIn(dossier), act, problems, entered };
  renderConsolePage(ctx, 'admin/reviews/review', data, { status: problems ? 422 : 200 });
}

function reviewIn(input: unknown): unknown {
  return (input as { review?: unknown }).review;
}

/** Before and after; what stays as it is, is left out. */
function changesIn({ app, wishes: { name, logo, redirectUris }, review }: Dossier) {
  const added = redirectUris?.filter((uri) => !app.redirectUris.includes(uri)) ?? [];
  const removed = redirectUris ? app.redirectUris.filter((uri) => !redirectUris.includes(uri)) : [];
  const logoNow = app.logo === null ? null : logoPath(app.logo);
  const logoThen = logo === null ? null : `/admin/reviews/${review.id}/logo`;
  return {
    logoNow,
    newName: name && name.name !== app.name ? name.name : undefined,
    newLogo: logo === undefined ? undefined : { before: logoNow, after: logoThen },
    newUris: added.length + removed.length > 0 ? { added, removed } : undefined,
  };
}

/** GET /admin/reviews/:review/logo: the picture that waits, which we drew ourselves. */
export function showWaitingLogo(platform: Platform): Handler {
  return async (ctx) => {
    const picture = await waitingLogo(platform, String(ctx.params.review));
    if (!picture) throw new Refusal('not-found', 'errors.nothing-here');
    ctx.set('Content-Security-Policy', "default-src 'none'; sandbox");
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Content-Type', 'image/png');
    ctx.body = picture;
  };
}
