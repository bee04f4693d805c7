import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { findingsOf } from '../insights/checks/findings.ts';
import { memberOf } from '../organizations/require-member.ts';
import { organizationPath, problemOf, renderPortalPage } from '../portal-page.ts';
import { approveRequest, refuseRequest } from './access-decisions.ts';
import { findRequest, type ListedRequest, listRequests } from './access-list.ts';
import { scopesOfApi } from '../apis/scopes/api-scopes.ts';
import { USUAL_CAPS } from './entitlement.ts';
import { ENTITLEMENT_FIELDS, enteredAgain, tickedScopes } from './entitlement-form.ts';
import { apiOf } from '../apis/require-api.ts';

const Query = z.object({
  done: z.enum(['approved', 'refused']).optional().catch(undefined),
  decided: z.literal('yes').optional().catch(undefined),
});

/** GET …/apis/:api/access-requests: who asks, the oldest first; or what was decided. */
export function showRequests(platform: Platform): Handler {
  return async (ctx) => {
    const api = apiOf(ctx);
    const { done, decided } = Query.parse({ ...ctx.query });
    const requests = await listRequests(platform, { apiId: api.id, decided: decided !== undefined });
    renderPortalPage(ctx, 'developers/access/access-requests', { api, requests, done, decided });
  };
}

/** GET …/apis/:api/access-requests/:request: who asks for what and what for, and what the checks say of the app. */
export function showRequest(platform: Platform): Handler {
  return async (ctx) => showOne(platform, ctx, await requestOf(platform, ctx));
}

async function requestOf(platform: Platform, ctx: Context): Promise<ListedRequest> {
  const request = await findRequest(platform, { id: String(ctx.params.request), apiId: apiOf(ctx).id });
  if (!request) throw new Refusal('not-found', 'portal.nothing-here');
  return request;
}

async function showOne(
  platform: Platform,
  ctx: Context,
  request: ListedRequest,
  failed?: object,
): Promise<void> {
  const api = apiOf(ctx);
  const [known, findings] = await Promise.all([
    scopesOfApi(platform, api.id),
    findingsOf(platform, request.clientId),
  ]);
  const scopes = known.filter(({ name }) => request.scopes.includes(name));
  const boxes = Object.fromEntries(scopes.map(({ name }) => [`scope ${name}`, 'on']));
  const entered = { ...boxes, ...enteredAgain({ days: 90, ...USUAL_CAPS }) };
  const data = { api, request, scopes, findings, entered, ...failed };
  renderPortalPage(ctx, 'developers/access/access-requests-one', data, { status: failed ? 422 : 200 });
}

const Approval = z.looseObject(ENTITLEMENT_FIELDS);

/** POST …/apis/:api/access-requests/:request/approval */
export function submitApproval(platform: Platform): Handler {
  return async (ctx) => {
    const request = await requestOf(platform, ctx);
    const form = await readForm(ctx, Approval);
    if (!form.ok) return showOne(platform, ctx, request, form);
    const { accountId } = memberOf(ctx);
    const { days, peoplePerDay, requestsPerMinute, ...boxes } = form.value;
    const wish = { days, peoplePerDay, requestsPerMinute };
    const decided = await approveRequest(platform, accountActor(ctx, accountId), {
      ...{ id: request.id, apiId: apiOf(ctx).id, accountId, ...wish },
      scopes: tickedScopes(boxes),
    });
    if (decided.ok) return backToQueue(ctx, 'approved');
    const problems = problemOf(decided, { request: 'form', app: 'form', frozen: 'form', note: 'form' });
    await showOne(platform, ctx, request, { problems, entered: { ...boxes, ...enteredAgain(wish) } });
  };
}

const RefusalForm = z.object({ note: z.string().max(2000).default('') });

/** POST …/apis/:api/access-requests/:request/refusal */
export function submitRefusal(platform: Platform): Handler {
  return async (ctx) => {
    const request = await requestOf(platform, ctx);
    const form = await readForm(ctx, RefusalForm);
    if (!form.ok) return showOne(platform, ctx, request, { problems: form.problems });
    const { accountId } = memberOf(ctx);
    const { note } = form.value;
    const named = { id: request.id, apiId: apiOf(ctx).id, accountId, note };
    const decided = await refuseRequest(platform, accountActor(ctx, accountId), named);
    if (decided.ok) return backToQueue(ctx, 'refused');
    const problems = problemOf(decided, { request: 'form', app: 'form', frozen: 'form' });
    await showOne(platform, ctx, request, { problems, note });
  };
}

function backToQueue(ctx: Context, done: 'approved' | 'refused'): void {
  const home = organizationPath(memberOf(ctx).organization.id);
  seeOther(ctx, `${home}/apis/${apiOf(ctx).id}/access-requests?done=${done}`);
}
