import { z } from 'zod';
import { keyedDigest } from '../../platform/crypto/secrets.ts';
import type { Platform } from '../../platform/platform.ts';
import { defineSetting } from '../../platform/settings.ts';
import { type Limit, LIMIT_NAMES, LIMITS, type LimitName } from './catalogue.ts';

/** What a counter of PostgreSQL holds with room to spare. */
const LARGEST_BUDGET = 1_000_000_000;

const Override = z.strictObject({
  budget: z.int().min(1).max(LARGEST_BUDGET),
  windowSeconds: z.int().min(1).max(86_400).optional(),
});

export const LIMIT_OVERRIDES = defineSetting({
  name: 'limits.overrides',
  schema: z.partialRecord(z.enum(LIMIT_NAMES as [LimitName, ...LimitName[]]), Override),
  fallback: {},
  about: 'Limits other than the usual ones, by name: {"sign-in": {"budget": 60, "windowSeconds": 60}}.',
});

/** A limit as operators have set it. */
export function limitInForce({ settings }: Pick<Platform, 'settings'>, name: LimitName): Limit {
  const override = settings.get(LIMIT_OVERRIDES)[name];
  return override ? { ...LIMITS[name], ...override } : LIMITS[name];
}

/** An IPv6 /48 is one site, which can use any of its 65,536 /64 in turn: together they have so many times the budget. */
const SITE_TIMES = 8;

/** The budget of a whole site. */
export function budgetOfSite(platform: Pick<Platform, 'settings'>, name: LimitName): number {
  return Math.min(LARGEST_BUDGET, limitInForce(platform, name).budget * SITE_TIMES);
}

/** As a key is stored: nothing that could be read back, whoever it names. */
export function storedKey({ vault }: Pick<Platform, 'vault'>, name: LimitName, key: string): string {
  return keyedDigest(vault.secret('limit-key'), name, key).toString('base64url');
}

/** What a limit answers. `left` of its budget for another `resetSeconds`. */
export type Spent =
  | { readonly ok: true; readonly left: number; readonly resetSeconds: number }
  | { readonly ok: false; readonly retryAfterSeconds: number };

/** Whole seconds until a moment, at least one: who waits so long finds the window over. */
export function secondsUntil(moment: Date, now: Date): number {
  return Math.max(1, Math.ceil((moment.getTime() - now.getTime()) / 1000));
}
