import type { Actor } from '../../audit/actor.ts';
import { isOperator } from '../../audit/actor.ts';
import { secondsAfter } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { raiseAlert } from '../alerts.ts';
import { closeSuspension, moveSuspension, openSuspension } from './changes.ts';
import { begin, effectOf, hasSettled, pause, pauseUntil, raise, type Times } from './ladder.ts';
import { SUSPENSIONS_MODE } from './mode.ts';
import { readNetwork } from './networks.ts';
import { hasRoomToPause } from './share.ts';
import { BREADTH, columnsOf, isAbout, levelBefore, lockStanding } from './standing.ts';
import {
  BY_OPERATOR,
  type Evidence,
  isSameSubject,
  type Subject,
  subjectOf,
  type Suspension,
  type SuspensionKind,
  waysTo,
} from './suspension.ts';

export interface SuspensionWish {
  /** For a rule the largest function that may be paused: the smallest of its chain comes first. For people just this one. */
  readonly kind: SuspensionKind;
  readonly ids: Subject;
  /** Name of the rule; left out by people. */
  readonly rule?: string | undefined;
  readonly evidence?: Evidence | undefined;
  /** Plain text for the owners. */
  readonly note?: string | undefined;
  /** For a rule: begins with `kind` itself, because a smaller function would not stop this misuse (such as reading). */
  readonly exactly?: boolean | undefined;
  /** For a rule: what there is of clients that were active lately. Without it the smallest cap holds. */
  readonly activeClients?: number | undefined;
  /** For a rule: only says what would be done, also where the setting says `on`. */
  readonly dryRun?: boolean | undefined;
  /** For people: when it ends by itself. Left out: when a human ends it. */
  readonly until?: Date | undefined;
}

export type SuspensionStarted =
  | {
      readonly ok: true;
      readonly suspension: Suspension;
      /** `none`: it stood already, and nothing was recorded. */
      readonly change: 'started' | 'moved' | 'none';
    }
  | Refused<'off' | 'subject' | 'people-only' | 'until' | 'second-person'>;

/**
 * Suspends, or raises what is suspended already: one row a subject, whoever asks at the same time. A rule climbs the
 * ladder a rung at a time; an operator's word replaces what a rule began, and no rule moves it.
 */
export async function startSuspension(
  platform: Platform,
  actor: Actor,
  wish: SuspensionWish,
): Promise<SuspensionStarted> {
  const { kind, until } = wish;
  const network = wish.ids.network ? readNetwork(wish.ids.network) : undefined;
  const ids = { ...wish.ids, network };
  if (!subjectOf(kind, ids))
    return refused('subject', kind === 'network' ? BAD_NETWORK : 'Say whom the suspension is about.');
  if (isOperator(actor)) {
    const soon = secondsAfter(platform.clock.now(), 60);
    if (until && until < soon) return refused('until', 'That end is in the past. Choose a later one.');
    return inTransaction(platform, (tx) => startByPeople(tx, actor, { ...wish, ids }));
  }
  if (!BREADTH.includes(kind)) {
    return refused('people-only', 'Organizations, APIs and networks are suspended only by an operator.');
  }
  const mode = platform.settings.get(SUSPENSIONS_MODE);
  if (mode === 'off') return refused('off', 'Rules suspend nothing at present (suspensions.mode).');
  const dryRun = wish.dryRun === true || mode === 'dry-run';
  return inTransaction(platform, (tx) => startByRule(tx, actor, { ...wish, dryRun }));
}

const BAD_NETWORK = 'Write a network such as 192.0.2.0/24 or 2001:db8::/48, at most a /8 or /19 wide.';

async function startByPeople(tx: Platform, actor: Actor, wish: SuspensionWish): Promise<SuspensionStarted> {
  const { kind, ids, until, note, evidence = {} } = wish;
  const now = tx.clock.now();
  const standing = (await lockStanding(tx, actor, wish)).filter(
    (row) => !row.dryRun && isSameSubject(row.kind, kind) && isAbout(row, ids),
  );
  const same = standing.find((row) => row.kind === kind && row.rule === BY_OPERATOR && sameEnd(row, until));
  if (same) return { ok: true, suspension: same, change: 'none' };
  if (standing.some((row) => row.state === 'human' && !stopsAsMuch(wish, row))) return LESS;
  for (const { id } of standing) await closeSuspension(tx, actor, id, 'superseded');
  const times = until ? pauseUntil(until, now) : begin('human', 0, now);
  const ground = { rule: BY_OPERATOR, note, evidence, dryRun: false };
  const suspension = await openSuspension(tx, actor, { kind, ids: columnsOf(kind, ids), times, ...ground });
  return { ok: true, suspension, change: 'started' };
}

/** Whether nothing of what waits for a human would end with what replaces it: its end takes two people. */
function stopsAsMuch({ kind, until }: SuspensionWish, row: Suspension): boolean {
  return until === undefined && BREADTH.indexOf(kind) >= BREADTH.indexOf(row.kind);
}

const LESS = refused(
  'second-person',
  'This is suspended until a human ends it, and one person cannot make that shorter or smaller. End that suspension instead; a second operator confirms it.',
);

function sameEnd({ until }: Suspension, wanted: Date | undefined): boolean {
  return until?.getTime() === wanted?.getTime();
}

type RuleWish = SuspensionWish & { readonly dryRun: boolean };

async function startByRule(tx: Platform, actor: Actor, wish: RuleWish): Promise<SuspensionStarted> {
  const { kind, ids, exactly, dryRun } = wish;
  const ways = exactly ? [kind] : waysTo(kind, ids);
  const standing = (await lockStanding(tx, actor, wish)).filter(
    (row) => row.dryRun === dryRun || row.rule === BY_OPERATOR,
  );
  const mine = standing.filter(
    (row) => isAbout(row, ids) && ways.some((way) => isSameSubject(way, row.kind)),
  );
  const theirs = mine.find(({ rule }) => rule === BY_OPERATOR);
  if (theirs) return { ok: true, suspension: theirs, change: 'none' };
  const widest = mine.sort((a, b) => BREADTH.indexOf(a.kind) - BREADTH.indexOf(b.kind)).at(-1);
  if (!widest) return open(tx, actor, wish, ways[0] as SuspensionKind);
  return goOn(tx, actor, wish, widest, ways);
}

async function open(
  tx: Platform,
  actor: Actor,
  wish: RuleWish,
  kind: SuspensionKind,
): Promise<SuspensionStarted> {
  return openAt(tx, actor, wish, kind, begin('observe', await levelBefore(tx, wish, kind), tx.clock.now()));
}

async function openAt(
  tx: Platform,
  actor: Actor,
  wish: RuleWish,
  kind: SuspensionKind,
  times: Times,
): Promise<SuspensionStarted> {
  const { dryRun } = wish;
  const suspension = await openSuspension(tx, actor, {
    ...groundOf(wish),
    ...{ kind, ids: columnsOf(kind, wish.ids), times, dryRun },
  });
  return { ok: true, suspension, change: 'started' };
}

/** Misuse that goes on: the next rung, or the next larger function where the smaller is paused already. */
async function goOn(
  tx: Platform,
  actor: Actor,
  wish: RuleWish,
  row: Suspension,
  ways: readonly SuspensionKind[],
): Promise<SuspensionStarted> {
  const now = tx.clock.now();
  const none = { ok: true, suspension: row, change: 'none' } as const;
  const wider = ways.find((way) => BREADTH.indexOf(way) > BREADTH.indexOf(row.kind));
  const { state } = effectOf(row, now);
  if (wider && (state === 'pause' || !ways.includes(row.kind)) && hasSettled(row, now)) {
    return widen(tx, actor, wish, row, wider);
  }
  if (!ways.includes(row.kind)) return none;
  const next = raise(row, now);
  if (!next) return none;
  if (!(await mayGo(tx, wish, next))) return none;
  const suspension = await moveSuspension(tx, actor, row, next, groundOf(wish));
  if (next.state === 'human') await tellThatItWaits(tx, suspension);
  return { ok: true, suspension, change: 'moved' };
}

/** The larger function takes over at the rung where the smaller one was. */
async function widen(
  tx: Platform,
  actor: Actor,
  wish: RuleWish,
  row: Suspension,
  kind: SuspensionKind,
): Promise<SuspensionStarted> {
  const now = tx.clock.now();
  const { state } = effectOf(row, now);
  const times =
    state === 'pause' || state === 'probe'
      ? pause(row.level, now)
      : begin(state as 'observe', row.level, now);
  if (!(await mayGo(tx, wish, times))) return { ok: true, suspension: row, change: 'none' };
  await closeSuspension(tx, actor, row.id, 'superseded');
  return openAt(tx, actor, wish, kind, times);
}

/** Beyond the share that rules may pause within an hour, everything stays as it is and is watched on. */
async function mayGo(
  tx: Platform,
  { ids, dryRun, activeClients = 0, kind }: RuleWish,
  next: Times,
): Promise<boolean> {
  if (dryRun || (next.state !== 'pause' && next.state !== 'human')) return true;
  if (kind === 'grant' || kind === 'account') return true;
  return hasRoomToPause(tx, String(ids.clientId), activeClients);
}

async function tellThatItWaits(tx: Platform, { id, dryRun, kind, rule }: Suspension): Promise<void> {
  if (dryRun) return;
  const evidence = { suspension: id, kind, rule };
  await raiseAlert(tx, { kind: 'suspension-waits', about: id, severity: 'notice', evidence });
}

function groundOf({ rule = 'unnamed', note, evidence = {} }: RuleWish) {
  return { rule, note, evidence };
}
