import type { Readable } from 'node:stream';
import { InvalidArgumentError } from 'commander';
import { UsageFault } from './context.ts';

const LONGEST_LINE = 4096;

/** For options that may repeat: gathers their values in the order given. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

export function wholeNumber(from: number, to: number): (value: string) => number {
  return (value) => {
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= from && number <= to) return number;
    throw new InvalidArgumentError(`Give a whole number from ${from} to ${to}.`);
  };
}

/** `notes:read=Read your notes` */
export function describedScope(value: string): { name: string; description: string } {
  const split = value.indexOf('=');
  if (split > 0) return { name: value.slice(0, split), description: value.slice(split + 1) };
  throw new UsageFault('Write each --scope as name=description, such as "notes:read=Read your notes".');
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/;

/** An ISO 8601 instant with its offset, or a date, which means the end of that day in UTC. */
export function isoEnd(value: string): Date {
  const day = DATE.test(value) ? value : INSTANT.exec(value)?.[1];
  const end = new Date(DATE.test(value) ? `${value}T24:00:00Z` : value);
  // A day that the calendar does not have (30 February) would roll over instead of failing.
  const exists = day !== undefined && new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day);
  if (exists && !Number.isNaN(end.getTime())) return end;
  throw new InvalidArgumentError(
    'Give an ISO 8601 date or an instant with its offset, such as 2027-01-31 or 2027-01-31T12:00:00Z.',
  );
}

/** The first line of standard input, without its line end. */
export async function readLine(stdin: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk as Buffer | string);
    chunks.push(bytes);
    length += bytes.length;
    if (bytes.includes(0x0a) || length > LONGEST_LINE) break;
  }
  const [line = ''] = Buffer.concat(chunks).toString('utf8').split(/\r?\n/, 1);
  if (line === '') {
    throw new UsageFault('The first line of standard input is empty, so there is no password.');
  }
  if (line.length > LONGEST_LINE) {
    throw new UsageFault('The first line of standard input is too long for a password.');
  }
  return line;
}
