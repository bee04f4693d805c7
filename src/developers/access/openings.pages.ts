import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { memberOf } from '../organizations/require-member.ts';
import { organizationPath, problemOf, renderPortalPage } from '../portal-page.ts';
import { USUAL_CAPS } from './entitlement.ts';
import { ENTITLEMENT_FIELDS, enteredAgain, tickedScopes } from './entitlement-form.ts';
import { accessesByOpening, endOpening, listOpenings, makeOpening, OPENING_KINDS } from './openings.ts';
import { apiOf } from '../apis/require-api.ts';
import { scopesOfApi } from '../apis/scopes/api-scopes.ts';

/** GET …/apis/:api/openings: how the API is open to others, and what came of it. */
export function showOpenings(platform: Platform): Handler {
  return async (ctx) => {
    const api = apiOf(ctx);
    const [openings, counts] = await Promise.all([
      listOpenings(platform, api.id),
      accessesByOpening(platform, api.id),
    ]);
    const { done } = Query.parse({ ...ctx.query });
    const rows = openings.map((opening) => ({ ...opening, accesses: counts.get(opening.id) ?? 0 }));
    renderPortalPage(ctx, 'developers/access/openings', { api, openings: rows, done });
  };
}

const Query = z.object({ done: z.enum(['made', 'ended']).optional().catch(undefined) });

/** GET …/apis/:api/openings/new */
export function showNewOpening(platform: Platform): Handler {
  return (ctx) => showForm(platform, ctx, { entered: { kind: 'request', days: '', ...enteredAgain(USUAL) } });
}

const USUAL = { days: null, ...USUAL_CAPS };

const NewOpening = z.looseObject({
  kind: z.enum(OPENING_KINDS),
  organization: z.string().trim().max(100).default(''),
  app: z.string().trim().max(100).default(''),
  ...ENTITLEMENT_FIELDS,
});

/** POST …/apis/:api/openings/new */
export function submitNewOpening(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, NewOpening);
    if (!form.ok) return showForm(platform, ctx, form, 422);
    const api = apiOf(ctx);
    const { accountId, organization } = memberOf(ctx);
    const { kind, days, peoplePerDay, requestsPerMinute } = form.value;
    const wish = { days, peoplePerDay, requestsPerMinute };
    const made = await makeOpening(platform, accountActor(ctx, accountId), {
      ...{ apiId: api.id, organizationId: organization.id, kind, ...wish },
      scopes: tickedScopes(form.value),
      ...((kind === 'organization' || kind === 'app') && { forId: form.value[kind] }),
    });
    if (made.ok)
      return seeOther(ctx, `${organizationPath(organization.id)}/apis/${api.id}/openings?done=made`);
    const beside = { for: kind, api: 'form', 'too-many': 'form' } as const;
    const { organization: _, app: __, ...boxes } = form.value;
    const entered = {
      ...boxes,
      ...enteredAgain(wish),
      organization: form.value.organization,
      app: form.value.app,
    };
    await showForm(platform, ctx, { problems: problemOf(made, beside), entered }, 422);
  };
}

async function showForm(platform: Platform, ctx: Context, data: object, status = 200): Promise<void> {
  const api = apiOf(ctx);
  const scopes = await scopesOfApi(platform, api.id);
  renderPortalPage(
    ctx,
    'developers/access/openings-new',
    { api, scopes, kinds: OPENING_KINDS, ...data },
    { status },
  );
}

/** GET …/apis/:api/openings/:opening/ending: what ends with it. */
export function showOpeningEnding(platform: Platform): Handler {
  return async (ctx) => {
    const api = apiOf(ctx);
    const opening = (await listOpenings(platform, api.id)).find(({ id }) => id === ctx.params.opening);
    if (!opening) throw new Refusal('not-found', 'portal.nothing-here');
    const accesses = (await accessesByOpening(platform, api.id)).get(opening.id) ?? 0;
    renderPortalPage(ctx, 'developers/access/openings-ending', { api, opening, accesses });
  };
}

/** POST …/apis/:api/openings/:opening/ending */
export function submitOpeningEnding(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const api = apiOf(ctx);
    const { accountId, organization } = memberOf(ctx);
    const ended = await endOpening(platform, accountActor(ctx, accountId), {
      id: String(ctx.params.opening),
      apiId: api.id,
    });
    if (!ended.ok) throw new Refusal('not-found', 'portal.nothing-here');
    seeOther(ctx, `${organizationPath(organization.id)}/apis/${api.id}/openings?done=ended`);
  };
}
