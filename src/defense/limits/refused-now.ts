import type { Platform } from '../../platform/platform.ts';
import type { LimitName } from './catalogue.ts';

/** Whom a limit has refused in this process, for operators. */
export interface RefusedKey {
  readonly limit: LimitName;
  /** As the limit counts it: an address, a client id, an account. */
  readonly key: string;
  readonly times: number;
  readonly lastAt: Date;
}

const refused = new WeakMap<Platform['sql'], Map<string, RefusedKey>>();

const MOST_KEYS = 1_000;

/** Remembers the most recent ones, so that an operator finds who is stopped and by what. */
export function noteRefused({ sql, clock }: Platform, limit: LimitName, key: string): void {
  let all = refused.get(sql);
  if (!all) {
    all = new Map();
    refused.set(sql, all);
  }
  const name = `${limit} ${key}`;
  const before = all.get(name);
  all.delete(name);
  all.set(name, { limit, key, times: (before?.times ?? 0) + 1, lastAt: clock.now() });
  const [oldest] = all.keys();
  if (all.size > MOST_KEYS && oldest !== undefined) all.delete(oldest);
}

/** Those refused most recently, newest first. */
export function refusedNow({ sql }: Pick<Platform, 'sql'>): RefusedKey[] {
  return [...(refused.get(sql)?.values() ?? [])].reverse().slice(0, 100);
}

/** What an operator unblocked is no longer refused. */
export function forgetRefused({ sql }: Pick<Platform, 'sql'>, limit: LimitName, key: string): void {
  refused.get(sql)?.delete(`${limit} ${key}`);
}
