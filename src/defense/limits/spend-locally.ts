import { secondsAfter } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';
import type { LimitName } from './catalogue.ts';
import { limitInForce, type Spent, secondsUntil } from './limit-in-force.ts';

interface Window {
  spent: number;
  readonly endsAt: Date;
}

const windows = new WeakMap<Platform['sql'], Map<string, Window>>();

/** Beyond it the oldest is forgotten: memory stays bounded while the database is away. */
const MOST_KEYS = 50_000;
const LOCAL_SHARE = 0.1;

/** By the count of this process alone, from a tenth of the budget: never without limit, never a fault. */
export function spendLocally(
  platform: Platform,
  name: LimitName,
  stored: string,
  { cost, budget, now }: { readonly cost: number; readonly budget: number; readonly now: Date },
): Spent {
  const { windowSeconds } = limitInForce(platform, name);
  const share = Math.max(1, Math.floor(budget * LOCAL_SHARE));
  const window = windowOf(platform, `${name} ${stored}`, now, windowSeconds);
  const seconds = secondsUntil(window.endsAt, now);
  // Whatever something costs, one of it a window is let through.
  if (window.spent > 0 && window.spent + cost > share) return { ok: false, retryAfterSeconds: seconds };
  window.spent += cost;
  return { ok: true, left: Math.max(0, share - window.spent), resetSeconds: seconds };
}

function windowOf({ sql }: Platform, key: string, now: Date, seconds: number): Window {
  let all = windows.get(sql);
  if (!all) {
    all = new Map();
    windows.set(sql, all);
  }
  const found = all.get(key);
  if (found && found.endsAt > now) return found;
  const [oldest] = all.keys();
  if (all.size >= MOST_KEYS && oldest !== undefined) all.delete(oldest);
  const window = { spent: 0, endsAt: secondsAfter(now, seconds) };
  all.delete(key);
  all.set(key, window);
  return window;
}
