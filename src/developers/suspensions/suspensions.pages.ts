import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import { LONGEST_APPEAL, makeAppeal } from '../../defense/suspensions/appeals.ts';
import { Refusal } from '../../platform/errors.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import type { PageOptions } from '../../platform/web/render.ts';
import { apiOf } from '../apis/require-api.ts';
import { appOf, appPath } from '../clients/require-app.ts';
import { memberOf } from '../organizations/require-member.ts';
import { organizationPath, problemOf, renderPortalPage } from '../portal-page.ts';
import {
  findOwnSuspension,
  type OwnSuspension,
  suspensionsAtApi,
  suspensionsOfApp,
} from './own-suspensions.ts';
import { causeInWords, inWords } from './suspension-words.ts';

const Query = z.object({
  after: z.string().regex(UUID).optional().catch(undefined),
  done: z.literal('appealed').optional().catch(undefined),
});

/** GET …/apps/:client/suspensions: what stops or stopped an app, and until when. */
export function showAppSuspensions(platform: Platform): Handler {
  return async (ctx) => {
    const app = appOf(ctx);
    const { told, next } = await suspensionsOfApp(platform, app, Query.parse({ ...ctx.query }).after);
    renderPortalPage(ctx, 'developers/suspensions/suspensions', { app, told: told.map(inWords), next });
  };
}

/** GET …/apis/:api/suspensions: which apps are slowed or paused at an API, for its owners. */
export function showApiSuspensions(platform: Platform): Handler {
  return async (ctx) => {
    const api = apiOf(ctx);
    const { told, next } = await suspensionsAtApi(platform, api.id, Query.parse({ ...ctx.query }).after);
    renderPortalPage(ctx, 'developers/suspensions/suspensions-at-api', {
      api,
      told: told.map(inWords),
      next,
    });
  };
}

/** GET …/suspensions/:suspension: the cause, what to fix, how it ends, and the way to appeal. */
export function showSuspension(platform: Platform): Handler {
  return async (ctx) => {
    const own = await ownOf(platform, ctx);
    showOne(platform, ctx, own, { done: Query.parse({ ...ctx.query }).done });
  };
}

const Form = z.object({
  text: z
    .string()
    .max(4 * LONGEST_APPEAL)
    .default(''),
});

/** POST …/suspensions/:suspension/appeal */
export function submitAppeal(platform: Platform): Handler {
  return async (ctx) => {
    const own = await ownOf(platform, ctx);
    const form = await readForm(ctx, Form);
    if (!form.ok) return showOne(platform, ctx, own, form, { status: 422 });
    const { accountId, organization } = memberOf(ctx);
    const { id } = own.suspension;
    const appeal = { suspensionId: id, accountId, text: form.value.text };
    const made = await makeAppeal(platform, accountActor(ctx, accountId), appeal);
    const here = `${organizationPath(organization.id)}/suspensions/${id}`;
    if (made.ok) return seeOther(ctx, `${here}?done=appealed`);
    const problems = problemOf(made, { suspension: 'form', made: 'form' });
    showOne(platform, ctx, await ownOf(platform, ctx), { problems, entered: form.value }, { status: 422 });
  };
}

/** GET …/suspensions/:suspension/appeal: whoever loads the address of the form again. */
export const showAppealInstead: Handler = (ctx) => seeOther(ctx, ctx.path.replace(/\/appeal$/, ''));

async function ownOf(platform: Platform, ctx: Context): Promise<OwnSuspension> {
  const { organization } = memberOf(ctx);
  const own = await findOwnSuspension(platform, organization.id, String(ctx.params.suspension));
  if (!own) throw new Refusal('not-found', 'portal.nothing-here');
  return own;
}

function showOne(
  { clock }: Platform,
  ctx: Context,
  own: OwnSuspension,
  more: object,
  options: PageOptions = {},
): void {
  const { outlivingUntil } = own.suspension;
  const outlives = own.effect.state !== 'ended' && outlivingUntil !== null && outlivingUntil > clock.now();
  const data = { ...own, ...inWords(own), ...causeInWords(own), outlives, longest: LONGEST_APPEAL, ...more };
  const list = own.app && `${appPath(own.app)}/suspensions`;
  renderPortalPage(ctx, 'developers/suspensions/suspensions-one', { ...data, list }, options);
}
