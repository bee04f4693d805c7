import { z } from 'zod';
import { secondsAfter } from '../platform/clock.ts';
import { defineSetting } from '../platform/settings.ts';
import { LIFETIMES } from './lifetimes.ts';

const HOUR = 3_600;
const DAY = 24 * HOUR;

/** When an account's consent to an app ends: at a moment or by disuse, never both. Neither: when the person removes it. */
export interface ConsentEnd {
  /** Ends then, whatever happens. */
  readonly until: Date | null;
  /** Ends after this long without use. */
  readonly unusedSeconds: number | null;
}

/** The ends a person can choose from, the shortest first. */
export const END_CHOICES = ['1-hour', '1-day', '30-days', 'unused-90-days', 'until-removed'] as const;

/** Where something sensitive is among what the app may do: 90 days from now at most, however often it is used. */
export const BOUNDED_END_CHOICES = ['1-hour', '1-day', '30-days', '90-days'] as const;

export const ALL_END_CHOICES = [...END_CHOICES, '90-days'] as const;

export type EndChoice = (typeof ALL_END_CHOICES)[number];

export function endChoicesFor(sensitive: boolean): readonly EndChoice[] {
  return sensitive ? BOUNDED_END_CHOICES : END_CHOICES;
}

/** The end that the consent page opens with. */
export const CONSENT_END = defineSetting<(typeof END_CHOICES)[number]>({
  name: 'consent.end',
  schema: z.enum(END_CHOICES),
  fallback: 'unused-90-days',
  about: `When access that people give to apps ends unless they choose otherwise: ${END_CHOICES.join(', ')}.`,
});

const FIXED: Readonly<Partial<Record<EndChoice, number>>> = {
  '1-hour': HOUR,
  '1-day': DAY,
  '30-days': 30 * DAY,
  '90-days': 90 * DAY,
};

const UNUSED_SECONDS = 90 * DAY;

/** The end that a choice made at `now` means. */
export function endOf(choice: EndChoice, now: Date): ConsentEnd {
  const seconds = FIXED[choice];
  if (seconds !== undefined) return { until: secondsAfter(now, seconds), unusedSeconds: null };
  return { until: null, unusedSeconds: choice === 'unused-90-days' ? UNUSED_SECONDS : null };
}

/** Whether an end that stands is one that BOUNDED_END_CHOICES could have given by `now`. */
export function isBounded({ until }: ConsentEnd, now: Date): boolean {
  return until !== null && until <= secondsAfter(now, 90 * DAY);
}

/** The moment of an end, counted from the last use where disuse ends it; null where only the person does. */
export function momentOf({ until, unusedSeconds }: ConsentEnd, lastUsedAt: Date): Date | null {
  return until ?? (unusedSeconds === null ? null : secondsAfter(lastUsedAt, unusedSeconds));
}

/** How long a grant given at `now` under a consent lives: never longer than the consent, nor than any grant. */
export function grantEnd(end: ConsentEnd | undefined, now: Date): Date {
  const longest = secondsAfter(now, LIFETIMES.grant);
  const moment = end ? momentOf(end, now) : null;
  return moment !== null && moment < longest ? moment : longest;
}
