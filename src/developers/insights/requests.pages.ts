import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { memberOf } from '../organizations/require-member.ts';
import { renderPortalPage } from '../portal-page.ts';
import { CALL_ENDPOINTS } from './protocol-call.ts';
import { readFilter } from './request-filter.ts';
import type { Holder } from './request-holder.ts';
import { listRequests } from './request-search.ts';
import { openTail } from './request-tail.ts';

/** A page stays light. */
const PAGE = 20;

/** GET …/requests: what the app called lately, and how it went. */
export function showRequests(platform: Platform, holderOf: Holder): Handler {
  return async (ctx) => {
    const holder = holderOf(ctx);
    const { filter, before, entered, problems } = readFilter(ctx.query);
    const { requests, next } = await listRequests(platform, holder.clientId, filter, {
      before,
      limit: PAGE,
    });
    const query = new URLSearchParams(entered);
    const link = (more: Record<string, string>) =>
      `${holder.path}/requests?${new URLSearchParams({ ...entered, ...more })}`;
    renderPortalPage(ctx, 'developers/insights/requests', {
      ...{ ...holder, requests, entered, problems, endpoints: CALL_ENDPOINTS },
      latest: before === undefined,
      filtered: query.size > 0,
      next: next && link({ before: next }),
      tail: `${holder.path}/requests/tail?${query}`,
    });
  };
}

/** GET …/requests/tail: says when there is something new, for the page that shows the list. */
export function tailRequests(platform: Platform, holderOf: Holder): Handler {
  return (ctx) => {
    // EventSource asks for it by name; whoever opens the address by hand means the list.
    if (ctx.accepts('html', 'text/event-stream') !== 'text/event-stream') {
      seeOther(ctx, `${holderOf(ctx).path}/requests`);
      return;
    }
    const { accountId, organization } = memberOf(ctx);
    const { filter } = readFilter(ctx.query);
    const { clientId } = holderOf(ctx);
    const stream = openTail(platform, { accountId, organizationId: organization.id, clientId, filter });
    if (!stream) throw new Refusal('too-many', 'request-log.too-many-tails', { retryAfterSeconds: 30 });
    ctx.type = 'text/event-stream';
    ctx.set({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
    ctx.body = stream;
  };
}
