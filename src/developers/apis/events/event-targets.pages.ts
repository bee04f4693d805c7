import { z } from 'zod';
import { UUID } from '../../../platform/ids.ts';
import type { Platform } from '../../../platform/platform.ts';
import type { Context, Handler } from '../../../platform/web/context.ts';
import { readForm } from '../../../platform/web/forms.ts';
import { seeOther } from '../../../platform/web/see-other.ts';
import type { TextKey } from '../../../platform/words/text-keys.ts';
import { problemOf, renderPortalPage } from '../../portal-page.ts';
import { eventSnippet } from '../../support/event-snippet.ts';
import { apiChangeFrom, apiMemberActor, apiPath } from '../api-change.ts';
import { apiOf } from '../require-api.ts';
import { listDeliveries } from './delivery-log.ts';
import { EVENTS } from './event-names.ts';
import { addTarget, MOST_TARGETS, stopTarget, testTarget } from './event-targets.ts';
import { listTargets } from './target-list.ts';
import { aboutApi, eventsIn, FIELDS, targetFrom } from './events-page.ts';

const DONE = {
  changed: 'event-targets.done-changed',
  tested: 'event-targets.done-tested',
  stopped: 'event-targets.done-stopped',
  resumed: 'event-targets.done-resumed',
  removed: 'event-targets.done-removed',
  repeated: 'event-targets.done-repeated',
  erased: 'event-targets.done-erased',
  held: 'event-targets.done-held',
  gone: 'event-targets.done-gone',
} as const satisfies Record<string, TextKey>;

const Query = z.object({
  done: z
    .enum(Object.keys(DONE) as [keyof typeof DONE])
    .optional()
    .catch(undefined),
  after: z.string().regex(UUID).optional().catch(undefined),
});

/** GET …/events: where an API is told of events, what was sent, and how to check it. */
export function showTargets(platform: Platform): Handler {
  return async (ctx) => {
    const { done, after } = Query.parse({ ...ctx.query });
    const apiId = apiOf(ctx).id;
    const { deliveries, next } = await listDeliveries(platform, { apiId, ...(after && { after }) });
    renderPortalPage(ctx, 'developers/apis/events/event-targets', {
      ...aboutApi(ctx),
      targets: await listTargets(platform, apiId),
      ...{ deliveries, next, done: done && DONE[done], mostTargets: MOST_TARGETS },
      program: eventSnippet(),
    });
  };
}

const NewTarget = z.object({
  url: z
    .string()
    .trim()
    .min(1, 'event-targets.enter-url' satisfies TextKey)
    .max(1000),
  ...Object.fromEntries(EVENTS.map((name) => [name, z.string().optional()])),
});

/** GET …/events/new */
export const showNewTarget: Handler = (ctx) => renderForm(ctx);

/** POST …/events/new: asks the address, and shows the secret, once. */
export function submitNewTarget(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, NewTarget);
    if (!form.ok) return renderForm(ctx, form);
    const { url, ...ticked } = form.value;
    const wish = { ...apiChangeFrom(ctx), url, events: eventsIn(ticked) };
    const outcome = await addTarget(platform, apiMemberActor(ctx), wish);
    if (!outcome.ok) {
      return renderForm(ctx, { problems: problemOf(outcome, FIELDS), entered: form.value });
    }
    const { target, issued, status } = outcome;
    const data = { ...aboutApi(ctx), target, secret: issued.secret, status };
    renderPortalPage(ctx, 'developers/apis/events/event-targets-made', data, { status: 201 });
  };
}

function renderForm(ctx: Context, failed?: object): void {
  const data = { ...aboutApi(ctx), ...failed };
  renderPortalPage(ctx, 'developers/apis/events/event-targets-new', data, { status: failed ? 422 : 200 });
}

/** POST …/events/targets/:target/tests */
export function submitTest(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const outcome = await testTarget(platform, apiMemberActor(ctx), targetFrom(ctx));
    answerDone(ctx, outcome.ok ? 'tested' : outcome.reason === 'target' ? 'gone' : 'held');
  };
}

/** POST …/events/targets/:target/stops: makes things only quieter, so it asks for no proof. */
export function submitStop(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const outcome = await stopTarget(platform, apiMemberActor(ctx), { ...targetFrom(ctx), stopped: true });
    answerDone(ctx, outcome.ok ? 'stopped' : outcome.reason === 'target' ? 'gone' : 'held');
  };
}

/** GET of an address that only takes forms. */
export const showTargetsInstead: Handler = (ctx) => seeOther(ctx, apiPath(ctx, 'events'));

function answerDone(ctx: Context, done: keyof typeof DONE): void {
  seeOther(ctx, `${apiPath(ctx, 'events')}?done=${done}`);
}
