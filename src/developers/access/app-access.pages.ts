import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { appOf } from '../clients/require-app.ts';
import { memberOf } from '../organizations/require-member.ts';
import { organizationPath, problemOf, renderPortalPage } from '../portal-page.ts';
import { endAccess } from './access-ends.ts';
import { accessOfApp, findApiUsedBy } from './access-list.ts';
import { withdrawRequest } from './access-requests.ts';
import type { Api } from '../apis/api.ts';
import { scopesOfApi } from '../apis/scopes/api-scopes.ts';
import { type HeldCode, previewCode, redeemForApp } from './redemption.ts';
import { acceptTerms, findTerms } from '../apis/terms.ts';

const DONE = ['taken', 'asked', 'withdrawn', 'given-back', 'accepted', 'redeemed'] as const;
const Query = z.object({ done: z.enum(DONE).optional().catch(undefined) });

/** GET …/apps/:client/access: what the app may use, asked for, or had. */
export function showAppAccess(platform: Platform): Handler {
  return (ctx) => renderAccess(platform, ctx);
}

async function renderAccess(platform: Platform, ctx: Context, failed?: object): Promise<void> {
  const app = appOf(ctx);
  const found = await accessOfApp(platform, app.id);
  const { done } = Query.parse({ ...ctx.query });
  const data = { app, ...found, done, ...failed };
  renderPortalPage(ctx, 'developers/access/app-access', data, { status: failed ? 422 : 200 });
}

function backTo(ctx: Context, done: (typeof DONE)[number]): void {
  const home = organizationPath(memberOf(ctx).organization.id);
  seeOther(ctx, `${home}/apps/${appOf(ctx).id}/access?done=${done}`);
}

/** POST …/apps/:client/access/requests/:request/withdrawal */
export function submitWithdrawal(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const named = { id: String(ctx.params.request), clientId: appOf(ctx).id };
    const outcome = await withdrawRequest(platform, accountActor(ctx, memberOf(ctx).accountId), named);
    if (!outcome.ok) throw new Refusal('not-found', 'portal.nothing-here');
    backTo(ctx, 'withdrawn');
  };
}

/** POST …/apps/:client/access/:access/ending: the app does without. */
export function submitGivingBack(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const named = { id: String(ctx.params.access), clientId: appOf(ctx).id };
    const outcome = await endAccess(platform, accountActor(ctx, memberOf(ctx).accountId), named);
    if (!outcome.ok) throw new Refusal('not-found', 'portal.nothing-here');
    backTo(ctx, 'given-back');
  };
}

/** GET …/apps/:client/access/terms/:listed: new terms of an API that the app has access to. */
export function showTermsToAccept(platform: Platform): Handler {
  return async (ctx) => {
    const app = appOf(ctx);
    const api = await apiUsed(platform, ctx);
    const terms = await findTerms(platform, api.id);
    if (!terms) throw new Refusal('not-found', 'portal.nothing-here');
    renderPortalPage(ctx, 'developers/access/app-access-terms', { app, api, terms });
  };
}

async function apiUsed(platform: Platform, ctx: Context): Promise<Api> {
  const api = await findApiUsedBy(platform, appOf(ctx).id, String(ctx.params.listed));
  if (!api) throw new Refusal('not-found', 'portal.nothing-here');
  return api;
}

const Accepting = z.object({
  version: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
});

/** POST …/apps/:client/access/terms/:listed */
export function submitTermsToAccept(platform: Platform): Handler {
  return async (ctx) => {
    const app = appOf(ctx);
    const api = await apiUsed(platform, ctx);
    const form = await readForm(ctx, Accepting);
    const { accountId } = memberOf(ctx);
    const version = form.ok ? form.value.version : 0;
    const wish = { apiId: api.id, clientId: app.id, accountId, version };
    const accepted = await inTransaction(platform, (tx) =>
      acceptTerms(tx, accountActor(ctx, accountId), wish),
    );
    if (accepted.ok) return backTo(ctx, 'accepted');
    const terms = await findTerms(platform, api.id);
    const data = { app, api, terms, problems: problemOf(accepted, { terms: 'form' }) };
    renderPortalPage(ctx, 'developers/access/app-access-terms', data, { status: 422 });
  };
}

const Redeeming = z.object({
  code: z.string().max(500),
  confirmed: z.literal('yes').optional(),
  terms: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .optional(),
});

/** POST …/apps/:client/access/redemptions: first shows what a code is good for, then redeems it. */
export function submitRedemption(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Redeeming);
    if (!form.ok) return renderAccess(platform, ctx, form);
    const { accountId, organization } = memberOf(ctx);
    const { code, confirmed, terms } = form.value;
    const redemption = { code, clientId: appOf(ctx).id, organizationId: organization.id, accountId };
    if (confirmed === undefined) {
      const preview = await previewCode(platform, redemption);
      if (preview.ok) return renderPreview(platform, ctx, code, preview);
      return renderAccess(platform, ctx, { problems: problemOf(preview, BESIDE) });
    }
    const wish = { ...redemption, ...(terms !== undefined && { termsVersion: terms }) };
    const redeemed = await redeemForApp(platform, accountActor(ctx, accountId), wish);
    if (redeemed.ok) return backTo(ctx, 'redeemed');
    if (redeemed.reason !== 'terms')
      return renderAccess(platform, ctx, { problems: problemOf(redeemed, BESIDE) });
    const preview = await previewCode(platform, redemption);
    if (!preview.ok) return renderAccess(platform, ctx, { problems: problemOf(preview, BESIDE) });
    await renderPreview(platform, ctx, code, preview, { problems: problemOf(redeemed) });
  };
}

const BESIDE = { app: 'code', opening: 'code', terms: 'code' } as const;

async function renderPreview(
  platform: Platform,
  ctx: Context,
  code: string,
  { api, scopes, code: { days, peoplePerDay, requestsPerMinute } }: HeldCode,
  failed?: object,
): Promise<void> {
  const terms = await findTerms(platform, api.id);
  const known = (await scopesOfApi(platform, api.id)).filter(({ name }) => scopes.includes(name));
  const limits = { peoplePerDay, requestsPerMinute };
  const data = { app: appOf(ctx), api, scopes: known, days, limits, terms, code, ...failed };
  renderPortalPage(ctx, 'developers/access/app-access-code', data, { status: failed ? 422 : 200 });
}
