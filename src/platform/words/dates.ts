import type { Clock } from '../clock.ts';
import type { Formats } from './formats.ts';

export interface DateWords {
  day(date: Date): string;
  moment(date: Date): string;
  /** Nothing for less than a minute either way. */
  ago(date: Date): string | undefined;
}

const UNITS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** Dates in a language. Where the person is we do not know, so times are in UTC and say so. */
export function dateWordsIn({ day, moment, relative }: Formats, clock: Clock): DateWords {
  return {
    day: (date) => day.format(date),
    moment: (date) => moment.format(date),
    ago(date) {
      const seconds = (date.getTime() - clock.now().getTime()) / 1000;
      const found = UNITS.find(([, least]) => Math.abs(seconds) >= least);
      return found && relative.format(Math.trunc(seconds / found[1]), found[0]);
    },
  };
}
