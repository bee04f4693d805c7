import type { Said } from './text-keys.ts';

/** A waiting time as a person says it, rounded up: "20 seconds", "4 minutes", "2 hours". */
export function waitInWords(seconds: number): Said {
  if (seconds < 60) return { key: 'common.seconds', values: { count: Math.max(1, Math.ceil(seconds)) } };
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return { key: 'common.minutes', values: { count: minutes } };
  return { key: 'common.hours', values: { count: Math.ceil(minutes / 60) } };
}
