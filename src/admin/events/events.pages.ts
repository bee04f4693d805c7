import { Readable } from 'node:stream';
import { z } from 'zod';
import { AUDIT_ACTIONS, type AuditAction } from '../../audit/events.ts';
import { type EventSearch, type FoundEvent, searchEvents } from '../../audit/search.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { renderConsolePage } from '../console-page.ts';
import { pageAbout } from '../page-about.ts';
import { exportEvents } from './event-export.ts';

const PAGE = 25;

/** GET /admin/events: what happened, by target, actor, action and time. */
export function showEvents(platform: Platform): Handler {
  return async (ctx) => {
    const { search, entered, before, wrong } = searchOf(ctx);
    const found = wrong ? [] : await searchEvents(platform, search, { before, take: PAGE + 1 });
    const events = found.slice(0, PAGE).map(asRow);
    const next = found.length > PAGE ? events.at(-1)?.id : undefined;
    const query = new URLSearchParams(entered).toString();
    const problems = wrong ? { from: 'admin-events.wrong-time' } : undefined;
    const data = { events, next, query, entered, actions: AUDIT_ACTIONS, searched: query !== '', problems };
    renderConsolePage(ctx, 'admin/events/events', data, { status: wrong ? 422 : 200 });
  };
}

/** GET /admin/events/export: the same search as lines of JSON. */
export function downloadEvents(platform: Platform): Handler {
  return (ctx) => {
    const { search } = searchOf(ctx);
    ctx.type = 'application/x-ndjson';
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Content-Disposition', 'attachment; filename="events.jsonl"');
    ctx.body = Readable.from(exportEvents(platform, search));
  };
}

const text = z.string().trim().max(200).catch('').default('');
const Query = z.object({
  ...{ target: text, actor: text, action: text, from: text, until: text },
  before: z.string().regex(UUID).optional().catch(undefined),
});

function searchOf(ctx: Context) {
  const { before, ...raw } = Query.parse({ ...ctx.query });
  const entered = Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== ''));
  const { target, actor, action } = entered;
  const [from, until] = [momentIn(entered.from), momentIn(entered.until)];
  const search: EventSearch = {
    ...{ target, actor, from: from ?? undefined, until: until ?? undefined },
    action: AUDIT_ACTIONS.find((one) => one === action) as AuditAction | undefined,
  };
  // What is no time cannot stand in a field for times.
  const wrong = from === null || until === null;
  for (const [name, at] of Object.entries({ from, until })) if (at === null) delete entered[name];
  return { search, entered, before, wrong };
}

/** A date or a moment of UTC, as the form sends it; null where it is none. */
function momentIn(written: string | undefined): Date | null | undefined {
  if (written === undefined) return undefined;
  const at = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?$/.test(written)
    ? new Date(written.includes('T') ? `${written}Z` : `${written}T00:00:00Z`)
    : undefined;
  return at && !Number.isNaN(at.getTime()) ? at : null;
}

/** The details in one line, and ids that have a page of their own. */
function asRow(event: FoundEvent) {
  const details = Object.entries(event.details).map(([name, value]) => `${name}: ${String(value)}`);
  return {
    ...event,
    details: details.join(' · '),
    actorPage: pageAbout(event.actorKind, event.actorId),
    targetPage: pageAbout(event.targetKind, event.targetId),
  };
}
