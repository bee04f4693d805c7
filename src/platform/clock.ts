/** The one source of time. SQL gets it as a parameter, so that a test can shift the whole process. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** `from` moved by `seconds`, which may be negative. */
export function secondsAfter(from: Date, seconds: number): Date {
  return new Date(from.getTime() + seconds * 1000);
}

/** Whole seconds since the epoch, as JWT and TOTP count them. */
export function epochSeconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}

/** The day of a moment as ISO 8601 writes it, such as 2026-11-28 (UTC). */
export function dateOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}
