import { type Actor, actorName } from '../audit/actor.ts';
import { recordEvent } from '../audit/trail.ts';
import { isAccountStopped } from '../defense/suspensions/stops.ts';
import type { Platform } from '../platform/platform.ts';
import { type Refused, refused } from '../platform/refused.ts';
import { inTransaction } from '../platform/transaction.ts';
import { actNamed, type AnyAct } from './acts.ts';
import { roleOfOperator } from './operators.ts';
import { mayOperate } from './roles.ts';

export type CarriedOut = { readonly ok: true; readonly id: string } | Refused<string>;

/**
 * Does what was asked for, once: whoever takes the row first does it, in the same transaction. `actor` is who confirms,
 * never who asked, or the job where the time of waiting is over. What the rule refuses by now is marked as failed.
 */
export async function carryOutAct(platform: Platform, actor: Actor, id: string): Promise<CarriedOut> {
  try {
    return await inTransaction(platform, async (tx) => {
      const taken = await take(tx, actor, id, 'done');
      if (!taken) return OVER;
      const act = actNamed(taken.act);
      if (!act) throw new Error(`nobody knows how to do ${taken.act}`);
      const asker = askerOf(taken.askedBy);
      if (!(await mayStillAsk(tx, asker, act))) throw new NotAnyMore(ASKER_STOPPED);
      const done = await act.carryOut(tx, asker, act.input.parse(taken.input));
      if (!done.ok) throw new NotAnyMore(done);
      await recordEvent(tx, actor, 'two-person-act.done', targetOf(id), { act: taken.act, outcome: 'done' });
      return { ok: true, id };
    });
  } catch (error) {
    if (!(error instanceof NotAnyMore)) throw error;
    return markFailed(platform, actor, id, error.refusal);
  }
}

/** Job: does what has waited for its day. One that fails does not hold up the others. */
export async function carryOutDueActs(platform: Platform): Promise<number> {
  const due = await platform.db.twoPersonAct.findMany({
    where: { outcome: null, dueAt: { lte: platform.clock.now() } },
    select: { id: true },
    orderBy: { dueAt: 'asc' },
    take: 50,
  });
  let done = 0;
  for (const { id } of due) {
    try {
      if ((await carryOutAct(platform, BY_ITSELF, id)).ok) done += 1;
    } catch (err) {
      platform.log.error({ act: id, err }, 'an act that was due could not be done; it is tried again');
    }
  }
  return done;
}

interface TakenAct {
  readonly act: string;
  readonly input: unknown;
  readonly askedBy: string;
}

/**
 * One conditional statement: of many who confirm at once one gets the row, and nobody gets what they asked for themselves.
 * The job gets only what is due.
 */
async function take(
  tx: Platform,
  actor: Actor,
  id: string,
  outcome: 'done' | 'failed',
): Promise<TakenAct | undefined> {
  const now = tx.clock.now().toISOString();
  const confirmer = actor.kind === 'job' ? null : actorName(actor);
  const [row] = await tx.db.$queryRaw<TakenAct[]>`
    UPDATE two_person_acts SET outcome = ${outcome}, confirmed_by = ${confirmer}, decided_at = ${now}::timestamptz
     WHERE id = ${id}::uuid AND outcome IS NULL
       AND (asked_by <> ${confirmer} OR (${confirmer}::text IS NULL AND due_at <= ${now}::timestamptz))
    RETURNING act, input, asked_by AS "askedBy"`;
  if (row && confirmer !== null)
    await recordEvent(tx, actor, 'two-person-act.confirmed', targetOf(id), { act: row.act });
  return row;
}

async function markFailed(
  platform: Platform,
  actor: Actor,
  id: string,
  refusal: Refused<string>,
): Promise<CarriedOut> {
  return inTransaction(platform, async (tx) => {
    const taken = await take(tx, actor, id, 'failed');
    if (!taken) return OVER;
    const details = { act: taken.act, outcome: 'failed', refused: refusal.reason };
    await recordEvent(tx, actor, 'two-person-act.done', targetOf(id), details);
    return refusal;
  });
}

/** As whom the rule acts: who asked. */
function askerOf(name: string): Actor {
  const split = name.indexOf(':');
  const id = name.slice(split + 1);
  return name.slice(0, split) === 'cli' ? { kind: 'cli', id } : { kind: 'operator', id };
}

/** Whoever was suspended meanwhile, such as a thief who was found out, wants nothing any more. */
async function mayStillAsk(tx: Platform, asker: Actor, { permission }: AnyAct): Promise<boolean> {
  if (asker.kind === 'cli') return true;
  const role = await roleOfOperator(tx, String(asker.id));
  return (
    role !== undefined && mayOperate(role, permission) && !(await isAccountStopped(tx, String(asker.id)))
  );
}

/** The rule refuses by now what it would have done when it was asked for: nothing of it stays. */
class NotAnyMore extends Error {
  readonly refusal: Refused<string>;

  constructor(refusal: Refused<string>) {
    super(refusal.sentence);
    this.refusal = refusal;
  }
}

function targetOf(id: string) {
  return { kind: 'two-person-act', id };
}

const BY_ITSELF: Actor = { kind: 'job', id: 'two-person-acts' };
const OVER = refused('decided', 'This was decided already.');
const ASKER_STOPPED = refused(
  'asker-stopped',
  'Who asked for this is suspended, or has the role for it no longer. Ask for it again yourself.',
);
