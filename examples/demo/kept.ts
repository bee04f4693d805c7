import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ports } from './ports.ts';

/** Something a command made for the demo: what was wished, and what the command answered. */
export interface Made {
  readonly options: unknown;
  readonly answer: Readonly<Record<string, string>>;
}

/** What the demo remembers between runs, in `demo.json` in its data directory, readable by its owner only. */
export interface Kept {
  ports?: Ports;
  /** By email. */
  passwords: Record<string, string>;
  /** By command and name. */
  made: Record<string, Made>;
  /** What is being made right now. Found at a start, its answer is lost. */
  pending: string[];
  /** Goes up when something was made and its answer lost, so that the next try takes names that are free. */
  round: number;
  /** Process ids of the running demo and its programs, for a next run that finds them still there. */
  running: Record<string, number>;
}

/** Throws a sentence where the directory cannot be used, or holds an installation that the demo did not make. */
export function readKept(dataDir: string): Kept {
  const fresh: Kept = { passwords: {}, made: {}, pending: [], round: 1, running: {} };
  const path = join(dataDir, 'demo.json');
  if (existsSync(join(dataDir, 'postgresql')) && !existsSync(path)) throw new Error(foreign(dataDir));
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if (!existsSync(path)) return fresh;
  try {
    return { ...fresh, ...JSON.parse(readFileSync(path, 'utf8')) };
  } catch {
    return fresh;
  }
}

function foreign(dataDir: string): string {
  return `${dataDir} belongs to a Gatehouse that the demo did not make. Name another directory with --data-dir.`;
}

/** Written aside and renamed, so that a killed demo leaves the old file or the new one and never half of it. */
export function writeKept(dataDir: string, kept: Kept): void {
  const path = join(dataDir, 'demo.json');
  writeFileSync(`${path}.new`, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
  chmodSync(`${path}.new`, 0o600);
  renameSync(`${path}.new`, path);
}
