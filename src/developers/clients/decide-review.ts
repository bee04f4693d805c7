import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { UUID } from '../../platform/ids.ts';
import { unlinked } from '../../platform/mail/unlinked.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { cleanName } from '../names.ts';
import { tellOwners } from '../notices.ts';
import { NAME_TAKEN, nameIsTaken } from './app-names.ts';
import { type ClientView, findClient } from './client.ts';
import { type AppOf, holdApp } from './hold-app.ts';
import { applyPresentation, presentationIn } from './presentation.ts';
import { appPath } from './require-app.ts';
import { markOf } from './review-dossier.ts';
import { type Review, type ReviewKind, reviewOf, withdrawReviews } from './reviews.ts';
import { putLive, readyToGoLive } from './stages.ts';
import { verifyPublisher } from './verification.ts';

export interface Decision {
  readonly review: string;
  readonly approve: boolean;
  /** What the owners read; a refusal needs one. */
  readonly note?: string | undefined;
  /** The mark of what was looked at (review-dossier.ts): an approval of anything else is refused. */
  readonly mark?: string | undefined;
}

type Fault = 'review' | 'note' | 'checklist' | 'name' | 'host' | 'client' | 'changed';
export type Decided =
  | { readonly ok: true; readonly review: Review; readonly app: ClientView }
  | Refused<Fault>;

/** An operator approves or refuses what waits, once; what was asked for happens with it, and the owners are told. */
export async function decideReview(
  platform: Platform,
  actor: Actor,
  { review: id, approve, note: raw, mark }: Decision,
): Promise<Decided> {
  const note = judgeNote(raw, approve);
  if (!note.ok) return note;
  if (!UUID.test(id)) return UNKNOWN;
  const found = await platform.db.clientReview.findUnique({ where: { id }, include: { client: true } });
  if (!found) return UNKNOWN;
  const of = { organizationId: found.client.organizationId, clientId: found.clientId };
  return inTransaction(platform, async (tx): Promise<Decided> => {
    const app = await holdApp(tx, of);
    const row = await tx.db.clientReview.findUnique({ where: { id, outcome: null } });
    if (!app || !row) return OVER;
    const review = reviewOf(row);
    if (approve && mark !== undefined && mark !== markOf(app, review)) return CHANGED;
    const carried = approve ? await carryOut(tx, actor, app, review) : { ok: true as const };
    if (!carried.ok) return carried;
    const outcome = approve ? 'approved' : 'refused';
    const decided = { outcome, decidedAt: tx.clock.now(), note: note.note } as const;
    await tx.db.clientReview.updateMany({ where: { id, outcome: null }, data: decided });
    const { kind } = review;
    await recordEvent(
      tx,
      actor,
      'client-review.decided',
      { kind: 'client', id: app.id },
      { review: id, kind, outcome, ...(note.note !== null && { note: note.note }) },
    );
    await tellOfDecision(tx, app, kind, decided);
    return { ok: true, review: { ...review, ...decided }, app: (await findClient(tx, app.id)) ?? app };
  });
}

/** Judged again: much may have changed since it was asked for. */
async function carryOut(
  tx: Platform,
  actor: Actor,
  app: ClientView,
  { kind, wishes }: Review,
): Promise<{ readonly ok: true } | Refused<Fault>> {
  if (kind === 'publisher') return verifyPublisher(tx, actor, app, String(wishes.host));
  if (kind === 'live') {
    const ready = await readyToGoLive(tx, actor, app);
    return ready.ok ? putLive(tx, actor, app) : ready;
  }
  const presentation = presentationIn(wishes);
  const { organizationId } = app;
  if (presentation.name && (await nameIsTaken(tx, actor, { ...presentation.name, organizationId }))) {
    return NAME_TAKEN;
  }
  await applyPresentation(tx, actor, app, presentation);
  return { ok: true };
}

function judgeNote(
  raw: string | undefined,
  approve: boolean,
): { readonly ok: true; readonly note: string | null } | Refused<'note'> {
  if (raw === undefined && approve) return { ok: true, note: null };
  const cleaned = cleanName(raw ?? '', 'The note', 300);
  return cleaned.ok ? { ok: true, note: cleaned.name } : refused('note', cleaned.sentence);
}

async function tellOfDecision(
  tx: Platform,
  app: ClientView,
  kind: ReviewKind,
  { outcome, note }: { readonly outcome: 'approved' | 'refused'; readonly note: string | null },
): Promise<void> {
  const name = unlinked(app.name);
  const data = {
    app: name,
    what: { key: `developer-letters.app-${kind}-${outcome}`, values: { app: name } } as const,
    note: note === null ? undefined : unlinked(note),
    appAddress: `${tx.config.issuer}${appPath(app)}/stage`,
  };
  await tellOwners(tx, app.organizationId, { letter: 'client-decided', data });
}

export interface WaitingReview extends Review {
  readonly appName: string;
  readonly organizationName: string;
}

/** What waits for an operator, the oldest first. */
export async function listWaitingReviews({ db }: Platform, limit = 200): Promise<WaitingReview[]> {
  const rows = await db.clientReview.findMany({
    where: { outcome: null },
    orderBy: { id: 'asc' },
    take: limit,
    include: { client: { select: { name: true, organization: { select: { name: true } } } } },
  });
  return rows.map(({ client, ...row }) => ({
    ...reviewOf(row),
    appName: client.name,
    organizationName: client.organization.name,
  }));
}

/** A member takes back what still waits. */
export async function withdrawReview(
  platform: Platform,
  actor: Actor,
  { kind, ...of }: AppOf & { readonly kind: ReviewKind },
): Promise<{ readonly ok: true } | Refused<'review'>> {
  return inTransaction(platform, async (tx) => {
    const app = await holdApp(tx, of);
    if (!app || (await withdrawReviews(tx, app.id, kind)) === 0) return OVER;
    const target = { kind: 'client', id: app.id };
    await recordEvent(tx, actor, 'client-review.decided', target, { kind, outcome: 'withdrawn' });
    return { ok: true };
  });
}

const UNKNOWN = refused('review', 'No review has this ID. See: client review list');
const CHANGED = refused('changed', 'The app was changed since you looked at it. Look at it again.');
const OVER = refused('review', 'This was decided or withdrawn already.');
