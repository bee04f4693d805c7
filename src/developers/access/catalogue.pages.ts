import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { memberOf } from '../organizations/require-member.ts';
import { organizationPath, problemOf, renderPortalPage } from '../portal-page.ts';
import { askForAccess } from './access-requests.ts';
import { type CatalogueDetail, findInCatalogue, listCatalogue } from './catalogue.ts';
import { tickedScopes } from './entitlement-form.ts';
import { takeAccess } from './take-access.ts';

const Query = z.object({ after: z.string().max(300).optional().catch(undefined) });

/** GET …/catalogue: the APIs of others that are open to this organization. */
export function showCatalogue(platform: Platform): Handler {
  return async (ctx) => {
    const { after } = Query.parse({ ...ctx.query });
    const page = await listCatalogue(platform, memberOf(ctx).organization.id, after);
    renderPortalPage(ctx, 'developers/access/catalogue', page);
  };
}

/** GET …/catalogue/:listed: one of them, with its terms and how an app gets in. */
export function showListed(platform: Platform): Handler {
  return async (ctx) => renderListed(ctx, await listedIn(platform, ctx));
}

async function listedIn(platform: Platform, ctx: Context): Promise<CatalogueDetail> {
  const { organization } = memberOf(ctx);
  const listed = await findInCatalogue(platform, organization.id, String(ctx.params.listed));
  if (!listed) throw new Refusal('not-found', 'portal.nothing-here');
  return listed;
}

function renderListed(ctx: Context, listed: CatalogueDetail, failed?: object): void {
  const data = { ...listed, ...failed };
  renderPortalPage(ctx, 'developers/access/catalogue-listed', data, { status: failed ? 422 : 200 });
}

const FIELDS = {
  opening: z.string().max(100),
  app: z.string().max(100),
  /** The version that was shown; there once its box is ticked. */
  terms: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .optional(),
};
const Taking = z.object(FIELDS);

/** POST …/catalogue/:listed/accesses: "Use this API". */
export function submitTaking(platform: Platform): Handler {
  return async (ctx) => {
    const listed = await listedIn(platform, ctx);
    const form = await readForm(ctx, Taking);
    if (!form.ok) return renderListed(ctx, listed, form);
    if (!isOneOf(listed, form.value)) throw new Refusal('not-found', 'portal.nothing-here');
    const { accountId, organization } = memberOf(ctx);
    const taking = { ...takingOf(ctx, form.value), organizationId: organization.id };
    const taken = await takeAccess(platform, accountActor(ctx, accountId), taking);
    if (taken.ok) return toApp(ctx, form.value.app, 'taken');
    renderListed(ctx, listed, {
      problems: problemOf(taken, { opening: 'form' }),
      entered: typed(form.value),
    });
  };
}

const Asking = z.looseObject({ ...FIELDS, purpose: z.string().max(5000) });

/** POST …/catalogue/:listed/access-requests: asks the owner of the API. */
export function submitAsking(platform: Platform): Handler {
  return async (ctx) => {
    const listed = await listedIn(platform, ctx);
    const form = await readForm(ctx, Asking);
    if (!form.ok) return renderListed(ctx, listed, form);
    if (!isOneOf(listed, form.value)) throw new Refusal('not-found', 'portal.nothing-here');
    const { accountId, organization } = memberOf(ctx);
    const { purpose, ...rest } = form.value;
    const taking = { ...takingOf(ctx, rest), organizationId: organization.id };
    const wish = { ...taking, purpose, scopes: tickedScopes(rest) };
    const asked = await askForAccess(platform, accountActor(ctx, accountId), wish);
    if (asked.ok) return toApp(ctx, rest.app, 'asked');
    const problems = problemOf(asked, { opening: 'form', 'too-many': 'form' });
    renderListed(ctx, listed, { problems, entered: { ...rest, ...typed(rest), purpose } });
  };
}

/** What is taken is what the page is about. */
function isOneOf({ openings }: CatalogueDetail, { opening }: { opening: string }): boolean {
  return openings.some(({ id }) => id === opening);
}

function takingOf(
  ctx: Context,
  { opening, app, terms }: { opening: string; app: string; terms?: number | undefined },
) {
  const { accountId } = memberOf(ctx);
  return {
    openingId: opening,
    clientId: app,
    accountId,
    ...(terms !== undefined && { termsVersion: terms }),
  };
}

function typed({ opening, app, terms }: { opening: string; app: string; terms?: number | undefined }) {
  return { opening, app, ...(terms !== undefined && { terms: String(terms) }) };
}

function toApp(ctx: Context, clientId: string, done: 'taken' | 'asked'): void {
  const home = organizationPath(memberOf(ctx).organization.id);
  seeOther(ctx, `${home}/apps/${clientId}/access?done=${done}`);
}
