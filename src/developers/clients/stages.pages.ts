import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import { BRAND_TERMS } from '../../platform/brand/brand.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { memberOf } from '../organizations/require-member.ts';
import { problemOf, renderPortalPage } from '../portal-page.ts';
import { withdrawReview } from './decide-review.ts';
import { appOf, appPath } from './require-app.ts';
import { needsApproval, REVIEW_KINDS, reviewsOf } from './reviews.ts';
import { checklistOf, goLive } from './stages.ts';

const Query = z.object({ done: z.enum(['live', 'waits', 'withdrawn', 'asked']).optional().catch(undefined) });

/** GET …/apps/:client/stage: the checklist, what waits for an operator, and who we say publishes the app. */
export function showStage(platform: Platform): Handler {
  return (ctx) => renderStage(ctx, platform, { done: Query.parse({ ...ctx.query }).done });
}

const Wish = z.object({ terms: z.literal('on').optional() });

/** POST …/apps/:client/stage: goes live, or asks an operator to approve. */
export function submitStage(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Wish);
    const app = appOf(ctx);
    const { accountId, organization } = memberOf(ctx);
    const of = { organizationId: organization.id, clientId: app.id };
    const acceptsTerms = form.ok && form.value.terms === 'on';
    const actor = { ...accountActor(ctx, accountId), kind: 'account', id: accountId } as const;
    const outcome = await goLive(platform, actor, { ...of, acceptsTerms });
    if (outcome.ok) return seeOther(ctx, `${appPath(app)}/stage?done=${outcome.outcome}`);
    const problems = problemOf(outcome, { client: 'form', name: 'form', checklist: 'form', frozen: 'form' });
    await renderStage(ctx, platform, { problems }, 422);
  };
}

const Withdrawal = z.object({ kind: z.enum(REVIEW_KINDS) });

/** POST …/apps/:client/stage/withdrawal: what waits is taken back. */
export function submitWithdrawal(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Withdrawal);
    const app = appOf(ctx);
    const { accountId, organization } = memberOf(ctx);
    if (!form.ok) return seeOther(ctx, `${appPath(app)}/stage`);
    const of = { organizationId: organization.id, clientId: app.id };
    await withdrawReview(platform, accountActor(ctx, accountId), { ...of, kind: form.value.kind });
    seeOther(ctx, `${appPath(app)}/stage?done=withdrawn`);
  };
}

/** GET of an action: back from signing in, to press the button again. */
export const showStageInstead: Handler = (ctx) => seeOther(ctx, `${appPath(appOf(ctx))}/stage`);

async function renderStage(ctx: Context, platform: Platform, data: object, status = 200): Promise<void> {
  const app = appOf(ctx);
  const steps = app.stage === 'development' ? await checklistOf(platform, app) : [];
  const facts = {
    ...{ app, steps, ready: steps.every(({ done }) => done) },
    reviews: Object.values(await reviewsOf(platform, app.id)),
    approval: needsApproval(platform),
    termsLink: platform.settings.get(BRAND_TERMS),
  };
  renderPortalPage(ctx, 'developers/clients/stages', { ...facts, ...data }, { status });
}
