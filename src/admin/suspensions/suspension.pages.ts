import { z } from 'zod';
import { earlierEvents, type EarlierEvent } from '../../audit/earlier.ts';
import { appealAgainst } from '../../defense/suspensions/appeals.ts';
import { findSuspension } from '../../defense/suspensions/suspension.ts';
import { reportsAbout } from '../../developers/apis/reports/reports.ts';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { problemOf, renderConsolePage } from '../console-page.ts';
import { peopleNamed } from '../people.ts';
import { operatorActor } from '../require-operator.ts';
import { askedPath, listWaitingActs } from '../waiting-acts.ts';
import { endEarly } from './end-early.ts';
import { ladderOf } from './ladder-shown.ts';
import { type ShownSuspension, shown } from './suspension-words.ts';

/** GET /admin/suspensions/:suspension: why, since when, what comes next, and what an operator can do. */
export function showSuspension(platform: Platform): Handler {
  return (ctx) => renderSuspension(ctx, platform);
}

const Query = z.object({ done: z.literal('started').optional().catch(undefined) });

const Wish = z.object({
  /** What the page was about when it was opened. */
  suspension: z.string().max(60),
  reason: z.string().trim().max(500).default(''),
});

/** POST /admin/suspensions/:suspension/ending */
export function submitEnding(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Wish);
    if (!form.ok) return renderSuspension(ctx, platform, form);
    const { suspension, reason } = form.value;
    if (suspension !== ctx.params.suspension) throw new Refusal('bad-request', 'admin-queues.other-page');
    const outcome = await endEarly(platform, operatorActor(ctx), { suspension, reason });
    if (outcome.ok) {
      return seeOther(
        ctx,
        outcome.outcome === 'asked' ? askedPath(outcome.act) : '/admin/suspensions?done=ended',
      );
    }
    const problems = problemOf(outcome, { reason: 'reason' });
    await renderSuspension(ctx, platform, { problems, entered: { reason } });
  };
}

async function renderSuspension(
  ctx: Context,
  platform: Platform,
  { problems, entered }: { readonly problems?: object; readonly entered?: object } = {},
): Promise<void> {
  const found = await findSuspension(platform, String(ctx.params.suspension));
  const [suspension] = found ? await shown(platform, [found]) : [];
  if (!suspension) throw new Refusal('not-found', 'errors.nothing-here');
  const appeal = await appealAgainst(platform, suspension.id);
  const [timeline, reports, acts] = await Promise.all([
    timelineOf(platform, [suspension.id, ...(appeal ? [appeal.id] : [])]),
    reportsOn(platform, suspension),
    listWaitingActs(platform),
  ]);
  const act = acts.find(({ act: name, input }) => name === 'end-suspension' && isAbout(input, suspension.id));
  const wider = widerThan(suspension);
  const data = { suspension, appeal, timeline, reports, act, wider, ladder: ladderOf(suspension) };
  const filled = { problems, entered, done: Query.parse({ ...ctx.query }).done };
  renderConsolePage(
    ctx,
    'admin/suspensions/suspension',
    { ...data, ...filled },
    { status: problems ? 422 : 200 },
  );
}

function isAbout(input: unknown, id: string): boolean {
  return (input as { suspension?: unknown }).suspension === id;
}

const EVENTS = [
  'suspension.started',
  'suspension.moved',
  'suspension.ended',
  'appeal.made',
  'appeal.decided',
] as const;

/** Of the suspension and of the appeal against it, the oldest first. */
async function timelineOf(platform: Platform, ids: readonly string[]) {
  const found = await Promise.all(
    ids.map((targetId) => earlierEvents(platform, { targetId, actions: EVENTS, take: 100 })),
  );
  const events = found.flat().sort((one, other) => (one.id < other.id ? -1 : 1));
  const who = await peopleNamed(platform, events.map(nameOf));
  return events.map((event) => ({ ...event, by: who(nameOf(event)) }));
}

function nameOf({ actorKind, actorId }: EarlierEvent): string {
  return `${actorKind}:${actorId ?? ''}`;
}

function reportsOn(platform: Platform, { clientId, apiId }: ShownSuspension) {
  return clientId === null ? [] : reportsAbout(platform, { clientId, apiId: apiId ?? undefined });
}

/** Where a form begins that suspends more of the same: for what is in force alone. */
function widerThan({ kind, effect, clientId, apiId, accountId }: ShownSuspension) {
  if (effect.state === 'ended') return [];
  const to = (words: string, fields: Record<string, string | null>) => ({
    words,
    href: `/admin/suspensions/new?${new URLSearchParams(fields as Record<string, string>)}`,
  });
  const access = to('access', { kind: 'access', client: clientId, api: apiId });
  const client = to('client', { kind: 'client', client: clientId });
  if (kind === 'access-writes') return [access, client];
  if (kind === 'access') return [client];
  if (kind === 'grant' && accountId !== null) return [to('account', { kind: 'account', account: accountId })];
  return [];
}
