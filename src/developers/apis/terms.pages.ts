import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { memberOf } from '../organizations/require-member.ts';
import { organizationPath, problemOf, renderPortalPage } from '../portal-page.ts';
import { apiOf } from './require-api.ts';
import { findTerms, listAcceptances, publishTerms, TERMS_DAYS } from './terms.ts';

const Query = z.object({
  after: z.string().regex(UUID).optional().catch(undefined),
  told: z
    .string()
    .regex(/^\d{1,6}$/)
    .transform(Number)
    .optional()
    .catch(undefined),
});

/** GET …/apis/:api/terms: the version in force, and who accepted which. */
export function showTerms(platform: Platform): Handler {
  return async (ctx) => renderTerms(platform, ctx, {});
}

async function renderTerms(platform: Platform, ctx: Context, data: object, status = 200): Promise<void> {
  const api = apiOf(ctx);
  const { after, told } = Query.parse({ ...ctx.query });
  const terms = await findTerms(platform, api.id);
  const accepted = await listAcceptances(platform, { apiId: api.id, after });
  const due = api.termsDueAt && api.termsDueAt > platform.clock.now() ? api.termsDueAt : undefined;
  const page = { api, terms, due, days: TERMS_DAYS, told, ...accepted, entered: { text: terms?.text ?? '' } };
  renderPortalPage(ctx, 'developers/apis/terms', { ...page, ...data }, { status });
}

const NewTerms = z.object({ text: z.string().max(60_000) });

/** POST …/apis/:api/terms: a new version. */
export function submitTerms(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId, organization } = memberOf(ctx);
    const form = await readForm(ctx, NewTerms);
    if (!form.ok) return renderTerms(platform, ctx, form, 422);
    const wish = { organizationId: organization.id, apiId: apiOf(ctx).id, ...form.value };
    const published = await publishTerms(platform, accountActor(ctx, accountId), wish);
    const path = `${organizationPath(organization.id)}/apis/${wish.apiId}/terms`;
    if (published.ok) return seeOther(ctx, `${path}?told=${published.told}`);
    const problems = problemOf(published, { api: 'form' });
    return renderTerms(platform, ctx, { problems, entered: form.value }, 422);
  };
}
