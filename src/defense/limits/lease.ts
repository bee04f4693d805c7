import type { Platform } from '../../platform/platform.ts';
import { askForLease } from './ask-for-lease.ts';
import type { LimitName } from './catalogue.ts';
import { limitInForce, type Spent, secondsUntil, storedKey } from './limit-in-force.ts';

/** A limit whose budget the caller knows, such as that of an access, and what this request costs. */
export interface Leasing {
  readonly cost?: number;
  readonly budget?: number;
}

/** What this process may give out of one key's budget in one window. */
interface Lease {
  readonly name: LimitName;
  readonly stored: string;
  readonly windowAt: number;
  readonly endsAt: number;
  readonly budget: number;
  /** Taken and not yet given out; below zero what was given out on trust. */
  left: number;
  given: number;
  /** The budget of the window is all taken. */
  exhausted: boolean;
  /** What requests wait for that came all at once: the next share is at least as much. */
  waiting: number;
  asking: Promise<void> | undefined;
}

const leases = new WeakMap<Platform['sql'], Map<string, Lease>>();

const MOST_KEYS = 50_000;
/**
 * Of the budget, what a process gives out in a window before its first lease: nobody waits for the database. Ten processes
 * together stay within a hundredth. Of a budget below a thousand it is nothing.
 */
const ON_TRUST = 0.001;
/** Shares are small enough that what other processes do not use is not missed. */
const SMALLEST_SHARE = 1 / 64;
const LARGEST_SHARE = 1 / 8;

/**
 * Spends from a limit of which this process holds a share: no statement per request, and all processes together never take
 * more than the budget of a window; beyond it goes only what each gave out on trust. A process asks for its next share before the last one is used up, so a request waits
 * for the database only where a budget is small or nearly spent. Windows are the same for everybody (UTC).
 */
export function lease(
  platform: Platform,
  name: LimitName,
  key: string,
  { cost = 1, budget }: Leasing = {},
): Spent | Promise<Spent> {
  const held = heldLease(platform, name, key, budget);
  if (takeFrom(held, cost)) {
    if (wantsMore(held)) void ask(platform, held, cost);
    return answer(platform, held, true);
  }
  if (held.exhausted) return answer(platform, held, false);
  return waitAndTake(platform, held, cost);
}

async function waitAndTake(platform: Platform, held: Lease, cost: number): Promise<Spent> {
  held.waiting += cost;
  try {
    // Others may take what was asked for first; once the budget is all taken, nobody gets more by asking again.
    for (let tries = 0; tries < 4 && !held.exhausted; tries += 1) {
      await ask(platform, held, cost);
      if (takeFrom(held, cost)) return answer(platform, held, true);
    }
    return answer(platform, held, false);
  } finally {
    held.waiting -= cost;
  }
}

/** Who calls seldom never asks: what a window needs is given out on trust. */
function wantsMore(held: Lease): boolean {
  return !held.exhausted && held.given > trustOf(held) / 2 && held.left < shareOf(held) / 2;
}

function trustOf({ budget }: Lease): number {
  return Math.floor(budget * ON_TRUST);
}

function takeFrom(held: Lease, cost: number): boolean {
  const trust = held.exhausted || held.given > trustOf(held) ? 0 : trustOf(held);
  if (held.left + trust < cost) return false;
  held.left -= cost;
  held.given += cost;
  return true;
}

function ask(platform: Platform, held: Lease, cost: number): Promise<void> {
  held.asking ??= askForLease(platform, {
    limit: held.name,
    key: held.stored,
    windowAt: new Date(held.windowAt),
    budget: held.budget,
    wanted: Math.max(cost, shareOf(held), Math.min(held.waiting, held.budget)) + Math.max(0, -held.left),
  }).then(({ taken, exhausted }) => {
    held.left += taken;
    held.exhausted ||= exhausted;
    held.asking = undefined;
  });
  return held.asking;
}

/** The next share: about what was given out so far, so that a busy key asks seldom and a quiet one takes little. */
function shareOf({ budget, given }: Lease): number {
  const least = Math.ceil(budget * SMALLEST_SHARE);
  return Math.max(1, Math.min(Math.max(least, given), Math.ceil(budget * LARGEST_SHARE)));
}

function answer(platform: Platform, held: Lease, ok: boolean): Spent {
  platform.metrics.limits.inc({ limit: held.name, outcome: ok ? 'allowed' : 'refused' });
  const seconds = secondsUntil(new Date(held.endsAt), platform.clock.now());
  if (!ok) return { ok, retryAfterSeconds: seconds };
  return { ok, left: Math.max(0, held.budget - held.given), resetSeconds: seconds };
}

function heldLease(platform: Platform, name: LimitName, key: string, given: number | undefined): Lease {
  const limit = limitInForce(platform, name);
  const budget = given ?? limit.budget;
  const length = limit.windowSeconds * 1000;
  const now = platform.clock.now().getTime();
  const windowAt = now - (now % length);
  const all = leasesOf(platform);
  const found = all.get(`${name} ${key}`);
  if (found && found.windowAt === windowAt && found.budget === budget) return found;
  const fresh: Lease = {
    ...{
      name,
      windowAt,
      budget,
      endsAt: windowAt + length,
      stored: found?.stored ?? storedKey(platform, name, key),
    },
    ...{ left: 0, given: 0, exhausted: false, waiting: 0, asking: undefined },
  };
  all.delete(`${name} ${key}`);
  all.set(`${name} ${key}`, fresh);
  const [oldest] = all.keys();
  if (all.size > MOST_KEYS && oldest !== undefined) all.delete(oldest);
  return fresh;
}

function leasesOf({ sql }: Pick<Platform, 'sql'>): Map<string, Lease> {
  let all = leases.get(sql);
  if (!all) {
    all = new Map();
    leases.set(sql, all);
  }
  return all;
}
