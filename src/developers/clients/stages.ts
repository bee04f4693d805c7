import { actsFrozen } from '../../accounts/recovery/frozen.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { FROZEN } from '../frozen.ts';
import { blockingFindings } from '../insights/checks/findings.ts';
import { skeletonOf } from '../look-alikes.ts';
import { obligeMembers } from '../organizations/oblige-members.ts';
import { NAME_TAKEN, nameIsTaken } from './app-names.ts';
import { signsPeopleIn } from './app-types.ts';
import type { ClientView } from './client.ts';
import { type AppOf, holdApp, NO_APP } from './hold-app.ts';
import { redirectRules } from './redirect-changes.ts';
import { judgeRedirectUris } from './redirect-uris.ts';
import { askReview, needsApproval, reviewsOf } from './reviews.ts';

export const STEPS = ['homepage', 'privacy', 'redirects', 'checks'] as const;
export type StepId = (typeof STEPS)[number];

/** One line of the checklist. `why` says what is missing, where a sentence of ours says it better than the page. */
export interface Step {
  readonly id: StepId;
  readonly done: boolean;
  readonly why?: string | undefined;
}

/** What has to be true of an app before strangers use it. A machine meets nobody, so it has less to show. */
export async function checklistOf(platform: Platform, app: ClientView): Promise<readonly Step[]> {
  const blocking = await blockingFindings(platform, app.id);
  const checks: Step = { id: 'checks', done: blocking.length === 0 };
  if (!signsPeopleIn(app.type)) return [checks];
  const judged = judgeRedirectUris(app, app.type, redirectRules(platform, { stage: 'live' }));
  return [
    { id: 'homepage', done: app.homepageUri !== null },
    { id: 'privacy', done: app.privacyUri !== null },
    { id: 'redirects', done: judged.ok, why: judged.ok ? undefined : judged.sentence },
    checks,
  ];
}

export type GoingLive =
  | { readonly ok: true; readonly outcome: 'live' | 'waits' }
  | Refused<'client' | 'name' | 'checklist' | 'terms' | 'frozen'>;

/** Lets everybody use an app whose checklist is complete, at once or when an operator has approved. */
export async function goLive(
  platform: Platform,
  actor: Actor & { kind: 'account' },
  { acceptsTerms, ...of }: AppOf & { readonly acceptsTerms: boolean },
): Promise<GoingLive> {
  if (!acceptsTerms) return refused('terms', 'Tick this to say that you keep to the terms of this service.');
  return inTransaction(platform, async (tx): Promise<GoingLive> => {
    if (await actsFrozen(tx, actor)) return refused('frozen', FROZEN);
    const app = await holdApp(tx, of);
    if (!app) return NO_APP;
    const { live } = await reviewsOf(tx, app.id);
    if (app.stage === 'live') return { ok: true, outcome: 'live' };
    if (live && live.outcome === null) return { ok: true, outcome: 'waits' };
    const ready = await readyToGoLive(tx, actor, app);
    if (!ready.ok) return ready;
    if (!needsApproval(tx)) return putLive(tx, actor, app);
    await askReview(tx, actor, { clientId: app.id, kind: 'live', wishes: { termsAccepted: true } });
    return { ok: true, outcome: 'waits' };
  });
}

/** Judged when it is asked for, and again when an operator approves. */
export async function readyToGoLive(
  tx: Platform,
  actor: Actor,
  app: ClientView,
): Promise<{ readonly ok: true } | Refused<'name' | 'checklist'>> {
  const missing = (await checklistOf(tx, app)).find(({ done }) => !done);
  if (missing) return refused('checklist', missing.why ?? 'Something on the checklist is still missing.');
  const named = { nameKey: skeletonOf(app.name), organizationId: app.organizationId };
  return (await nameIsTaken(tx, actor, named)) ? NAME_TAKEN : { ok: true };
}

/** Part of a change that holds the app. */
export async function putLive(tx: Platform, actor: Actor, app: ClientView) {
  const { id, organizationId } = app;
  const data = { stage: 'live', updatedAt: tx.clock.now() };
  await tx.db.client.updateMany({ where: { id, organizationId, stage: 'development' }, data });
  const details = { organization: organizationId, termsAccepted: true };
  await recordEvent(tx, actor, 'client.went-live', { kind: 'client', id }, details);
  await obligeMembers(tx, actor, organizationId);
  return { ok: true, outcome: 'live' } as const;
}
