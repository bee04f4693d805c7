import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import { dateOf } from '../../platform/clock.ts';
import { Refusal } from '../../platform/errors.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { asIssue, readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { memberOf } from '../organizations/require-member.ts';
import { organizationPath, problemOf, renderPortalPage } from '../portal-page.ts';
import { changeAccess } from './access-changes.ts';
import { endAccess, peopleAffected } from './access-ends.ts';
import { findAccess, type ListedAccess, listAccesses, othersLive } from './access-list.ts';
import { CAP_FIELDS, enteredAgain } from './entitlement-form.ts';
import { apiOf } from '../apis/require-api.ts';

const Query = z.object({
  after: z.string().regex(UUID).optional().catch(undefined),
  ended: z.literal('yes').optional().catch(undefined),
  done: z.enum(['changed', 'ended']).optional().catch(undefined),
});

/** GET …/apis/:api/accesses: who has access, by what, until when and how much; or who had. */
export function showAccesses(platform: Platform): Handler {
  return async (ctx) => {
    const api = apiOf(ctx);
    const { after, ended, done } = Query.parse({ ...ctx.query });
    const page = await listAccesses(platform, { apiId: api.id, ended: ended !== undefined, after });
    renderPortalPage(ctx, 'developers/access/accesses', { api, ...page, ended, done });
  };
}

/** GET …/apis/:api/accesses/:access */
export function showAccess(platform: Platform): Handler {
  return async (ctx) => {
    const access = await accessOf(platform, ctx);
    const until = access.until ? lastDayOf(access.until) : '';
    const { peoplePerDay, requestsPerMinute } = access;
    const entered = { until, ...enteredAgain({ days: null, peoplePerDay, requestsPerMinute }) };
    renderPortalPage(ctx, 'developers/access/accesses-one', { api: apiOf(ctx), access, entered });
  };
}

async function accessOf(platform: Platform, ctx: Context): Promise<ListedAccess> {
  const access = await findAccess(platform, { id: String(ctx.params.access), apiId: apiOf(ctx).id });
  if (!access) throw new Refusal('not-found', 'portal.nothing-here');
  return access;
}

/** The last day (UTC) of an access, as a date field writes it; empty for no end. */
const lastDay = z
  .string()
  .trim()
  .transform((day, ctx) => {
    if (day === '') return null;
    const end = /^\d{4}-\d\d-\d\d$/.test(day) ? new Date(`${day}T24:00:00Z`) : undefined;
    if (end && new Date(end.getTime() - 1).toJSON()?.startsWith(day)) return end;
    ctx.addIssue(asIssue('access.until-problem'));
    return z.NEVER;
  });

const Change = z.object({ until: lastDay, ...CAP_FIELDS });

/** POST …/apis/:api/accesses/:access */
export function submitAccess(platform: Platform): Handler {
  return async (ctx) => {
    const api = apiOf(ctx);
    const access = await accessOf(platform, ctx);
    const form = await readForm(ctx, Change);
    const view = 'developers/access/accesses-one';
    if (!form.ok) return renderPortalPage(ctx, view, { api, access, ...form }, { status: 422 });
    const { accountId, organization } = memberOf(ctx);
    const { until, ...caps } = form.value;
    const sameDay = until?.toISOString() === dayEnd(access.until);
    const wish = { ...caps, ...(!sameDay && { until }), id: access.id, apiId: api.id };
    const changed = await changeAccess(platform, accountActor(ctx, accountId), wish);
    if (changed.ok) {
      return seeOther(ctx, `${organizationPath(organization.id)}/apis/${api.id}/accesses?done=changed`);
    }
    const entered = { ...enteredAgain({ days: null, ...caps }), until: until ? lastDayOf(until) : '' };
    const problems = problemOf(changed, { access: 'form', frozen: 'form' });
    renderPortalPage(ctx, view, { api, access, problems, entered }, { status: 422 });
  };
}

/** An access that ends in the middle of a day keeps its moment as long as nobody chooses another day. */
function dayEnd(until: Date | null): string | undefined {
  return until ? new Date(`${lastDayOf(until)}T24:00:00Z`).toISOString() : undefined;
}

/** An end at midnight belongs to the day before. */
function lastDayOf(end: Date): string {
  return dateOf(new Date(end.getTime() - 1));
}

/** GET …/apis/:api/accesses/:access/ending: first who is affected. */
export function showAccessEnding(platform: Platform): Handler {
  return async (ctx) => showEnding(platform, ctx, await accessOf(platform, ctx));
}

async function showEnding(
  platform: Platform,
  ctx: Context,
  access: ListedAccess,
  failed?: object,
): Promise<void> {
  const api = apiOf(ctx);
  const [reach, others] = await Promise.all([
    peopleAffected(platform, access.clientId, api),
    othersLive(platform, access),
  ]);
  const data = { api, access, reach, others, ...failed };
  renderPortalPage(ctx, 'developers/access/accesses-ending', data, { status: failed ? 422 : 200 });
}

const Ending = z.object({
  note: z.string().max(2000).default(''),
  all: z.literal('yes').optional(),
});

/** POST …/apis/:api/accesses/:access/ending */
export function submitAccessEnding(platform: Platform): Handler {
  return async (ctx) => {
    const access = await accessOf(platform, ctx);
    const form = await readForm(ctx, Ending);
    if (!form.ok) return showEnding(platform, ctx, access, form);
    const { accountId, organization } = memberOf(ctx);
    const { note, all } = form.value;
    const wish = { id: access.id, apiId: apiOf(ctx).id, note, all: all !== undefined };
    const ended = await endAccess(platform, accountActor(ctx, accountId), wish);
    if (ended.ok) {
      return seeOther(ctx, `${organizationPath(organization.id)}/apis/${apiOf(ctx).id}/accesses?done=ended`);
    }
    await showEnding(platform, ctx, access, {
      problems: problemOf(ended, { access: 'form' }),
      entered: { note },
    });
  };
}
