import type { z } from 'zod';
import { type Actor, actorName, isOperator } from '../audit/actor.ts';
import { recordEvent } from '../audit/trail.ts';
import { secondsAfter } from '../platform/clock.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { type Refused, refused } from '../platform/refused.ts';
import { inTransaction } from '../platform/transaction.ts';
import { type ActName, ACTS, actNamed } from './acts.ts';
import { carryOutAct } from './carry-out-act.ts';
import { tellOperators } from './operator-letters.ts';
import { roleOfOperator } from './operators.ts';
import { mayOperate, type Permission, rolesThatMay } from './roles.ts';
import { findAct } from './waiting-acts.ts';

/** How long an act waits where nobody could confirm it, and how long a new operator is no second person. */
export const WAIT_SECONDS = 86_400;

/** What is asked of a second person. `reason` is read by them and kept. */
export interface Wish<Name extends ActName> {
  readonly act: Name;
  readonly input: z.input<(typeof ACTS)[Name]['input']>;
  readonly reason: string;
}

export type AskedAct =
  | { readonly ok: true; readonly id: string; readonly dueAt: Date | null }
  | Refused<string>;

/**
 * Writes down an act for somebody else to confirm and tells the operators. Where nobody else could, it is done by itself
 * after a day. Asked for only if it could be done now.
 */
export async function askForSecondPerson<Name extends ActName>(
  platform: Platform,
  actor: Actor,
  { act, input: raw, reason: written }: Wish<Name>,
): Promise<AskedAct> {
  const reason = written.trim();
  if (reason.length < 10 || reason.length > 500) return REASON;
  const { permission, input: schema, carryOut } = actNamed(act) ?? ACTS[act];
  if (!(await mayAct(platform, actor, permission))) return NOT_ALLOWED;
  const input = schema.parse(raw) as object;
  const possible = await tried(platform, (tx) => carryOut(tx, actor, input as never));
  if (!possible.ok) return possible;
  return inTransaction(platform, async (tx) => {
    // One after the other, so that two people who ask for the same at once do not ask twice.
    await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('two-person-acts'))`;
    const waiting = await tx.db.twoPersonAct.count({
      where: { act, input: { equals: input }, outcome: null },
    });
    if (waiting > 0) return ASKED_ALREADY;
    const now = tx.clock.now();
    const dueAt = (await couldBeConfirmed(tx, actor, permission)) ? null : secondsAfter(now, WAIT_SECONDS);
    const id = newId();
    const row = { id, act, input, reason, askedBy: actorName(actor), askedAt: now, dueAt };
    await tx.db.twoPersonAct.create({ data: row });
    const details = { act, ...(dueAt && { due_at: dueAt.toISOString() }) };
    await recordEvent(tx, actor, 'two-person-act.asked', { kind: 'two-person-act', id }, details);
    await tell(tx, act, dueAt, rolesThatMay(permission));
    return { ok: true, id, dueAt };
  });
}

export type DecidedAct = { readonly ok: true; readonly id: string } | Refused<string>;

/** A different operator confirms, and the act is done: once, however many confirm. */
export async function confirmAct(
  platform: Platform,
  actor: Actor,
  { id }: { readonly id: string },
): Promise<DecidedAct> {
  const found = await findAct(platform, id);
  const act = found && actNamed(found.act);
  if (!found || !act) return UNKNOWN;
  if (!(await mayAct(platform, actor, act.permission))) return NOT_ALLOWED;
  if (found.askedBy === actorName(actor)) return OWN;
  if (!(await isKnownForADay(platform, actorName(actor), act.permission))) return TOO_NEW;
  if (!(await isKnownForADay(platform, found.askedBy, act.permission))) return ASKER_TOO_NEW;
  return carryOutAct(platform, actor, id);
}

/** Whoever asked takes it back, or anybody who may do such acts stops it. */
export async function withdrawAct(
  platform: Platform,
  actor: Actor,
  { id }: { readonly id: string },
): Promise<DecidedAct> {
  const found = await findAct(platform, id);
  const act = found && actNamed(found.act);
  if (!found || !act) return UNKNOWN;
  if (!(await mayAct(platform, actor, act.permission))) return NOT_ALLOWED;
  return inTransaction(platform, async (tx): Promise<DecidedAct> => {
    const data = { outcome: 'withdrawn', decidedAt: tx.clock.now() };
    const { count } = await tx.db.twoPersonAct.updateMany({ where: { id, outcome: null }, data });
    if (count === 0) return OVER;
    const target = { kind: 'two-person-act', id };
    await recordEvent(tx, actor, 'two-person-act.withdrawn', target, { act: found.act });
    return { ok: true, id };
  });
}

async function mayAct(platform: Platform, actor: Actor, permission: Permission): Promise<boolean> {
  if (!isOperator(actor)) return false;
  if (actor.kind === 'cli') return true;
  const role = await roleOfOperator(platform, String(actor.id));
  return role !== undefined && mayOperate(role, permission);
}

/**
 * Whether this person (kind:id) counts as one of two. An operator does who has had a role for a day that allows the
 * act: otherwise one stolen administrator would add a second account of their own and confirm to themselves, in either
 * order. Whoever has the command line is known to the machine.
 */
async function isKnownForADay(
  { db, clock }: Platform,
  name: string,
  permission: Permission,
): Promise<boolean> {
  const { kind, accountId } = personOf(name);
  if (kind === 'cli') return true;
  const before = secondsAfter(clock.now(), -WAIT_SECONDS);
  const known = { accountId, createdAt: { lte: before }, role: { in: rolesThatMay(permission) } };
  return kind === 'operator' && (await db.operator.count({ where: known })) > 0;
}

/** Whether there is an operator besides `actor` who could confirm this now. */
async function couldBeConfirmed(
  { db, clock }: Platform,
  actor: Actor,
  permission: Permission,
): Promise<boolean> {
  const before = secondsAfter(clock.now(), -WAIT_SECONDS);
  const known = { createdAt: { lte: before }, role: { in: rolesThatMay(permission) } };
  const other = actor.kind === 'operator' ? { accountId: { not: actor.id } } : {};
  return (await db.operator.count({ where: { ...known, ...other } })) > 0;
}

function personOf(name: string): { readonly kind: string; readonly accountId: string } {
  const split = name.indexOf(':');
  return { kind: name.slice(0, split), accountId: name.slice(split + 1) };
}

/** What a rule would answer, without doing it. */
async function tried<Outcome extends { readonly ok: boolean }>(
  platform: Platform,
  rule: (tx: Platform) => Promise<Outcome>,
): Promise<Outcome> {
  let outcome: Outcome | undefined;
  try {
    await inTransaction(platform, async (tx) => {
      outcome = await rule(tx);
      throw new Undone();
    });
  } catch (error) {
    if (!(error instanceof Undone) || !outcome) throw error;
  }
  return outcome as Outcome;
}

class Undone extends Error {}

async function tell(
  tx: Platform,
  act: ActName,
  dueAt: Date | null,
  roles: ReturnType<typeof rolesThatMay>,
): Promise<void> {
  const values = { act: { key: `operator-letters.act-${act}` } as const };
  const what = dueAt
    ? ({ key: 'operator-letters.act-waits', values: { ...values, due: dueAt } } as const)
    : ({ key: 'operator-letters.act-asked', values } as const);
  const news = { subject: 'operator-letters.act-subject', what, path: '/admin/two-person-acts' } as const;
  // Where nobody can confirm, every operator reads it, so that somebody can object.
  await tellOperators(tx, news, dueAt ? {} : { roles });
}

const REASON = refused('reason', 'Say in 10 to 500 characters why: the second person reads it.');
const NOT_ALLOWED = refused('not-allowed', 'Your role does not allow this act.');
const ASKED_ALREADY = refused('asked-already', 'This was asked for already and waits for a second person.');
const UNKNOWN = refused('act', 'No act has this ID.');
const OWN = refused('own', 'You asked for this. Somebody else has to confirm it.');
const TOO_NEW = refused(
  'too-new',
  'You have had your role for less than a day. Until then you cannot be the second person.',
);
const ASKER_TOO_NEW = refused(
  'asker-too-new',
  'Who asked for this has had their role for less than a day, or has it no longer. It can be confirmed after that.',
);
const OVER = refused('decided', 'This was decided already.');
