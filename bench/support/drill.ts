import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type WatchedDatabase, watchDatabase } from './database.ts';
import { type Answer, type Call, type Connections, openConnections, type Place } from './http.ts';
import { type Installation, newInstallation } from './installation.ts';
import { signedInBrowser } from './people.ts';
import type { RunningServer } from './processes.ts';
import { seed } from './seed.ts';
import type { Target } from './target.ts';

/** Two server processes on one PostgreSQL, and somebody who attacks both. */
export interface DrillGround {
  readonly installation: Installation;
  readonly servers: readonly [RunningServer, RunningServer];
  readonly target: Target;
  readonly connections: Connections;
  readonly database: WatchedDatabase;
  /** Cookie header of a signed-in browser. */
  readonly cookie: string;
  /** Sends all calls at once, every other one to the second server. */
  volley(calls: readonly Call[]): Promise<Answer[]>;
}

/** What one round saw: counts that are added up, or with `most` the largest; and what must not be. */
export interface Observation {
  readonly seen: Readonly<Record<string, number>>;
  readonly most?: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
}

export interface Drill {
  readonly name: string;
  readonly rounds: number;
  /** What the rounds need besides the ground. */
  prepare(ground: DrillGround, rounds: number): Promise<(round: number) => Promise<Observation>>;
}

export const TRIES = 50;

/** Runs a drill as a program: `[--rounds N] [--json file]`, one line and one JSON object out, exit 1 on a violation. */
export async function runDrill({ name, rounds: usual, prepare }: Drill): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: 'string' }, json: { type: 'string' } } });
  const rounds = Number(values.rounds ?? usual);
  const began = performance.now();
  const ground = await openGround();
  const totals = newTotals();
  try {
    const round = await prepare(ground, rounds);
    for (let number = 0; number < rounds; number += 1) totals.take(await round(number));
  } finally {
    await closeGround(ground);
  }
  const { seen, violations } = totals;
  conclude({ name, began, setting: { rounds, tries: TRIES }, seen, violations, json: values.json });
}

/** What a drill found: one line, one JSON object, exit 1 on a violation. */
export function conclude(drill: {
  readonly name: string;
  /** As performance.now() said. */
  readonly began: number;
  readonly setting: Readonly<Record<string, number>>;
  readonly seen: Readonly<Record<string, number | string>>;
  readonly violations: readonly string[];
  readonly json: string | undefined;
}): void {
  const { name, began, setting, seen, violations, json } = drill;
  const seconds = Math.round((performance.now() - began) / 1000);
  const result = { drill: name, ...setting, seconds, ...seen, violations: violations.length };
  const facts = Object.entries({ ...setting, ...seen }).map(([what, count]) => `${what} ${count}`);
  const verdict = violations.length === 0 ? 'held' : `VIOLATED: ${violations.slice(0, 3).join('; ')}`;
  process.stdout.write(`${name}: ${verdict} (${facts.join(', ')})\n${JSON.stringify(result)}\n`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(result)}\n`);
  if (violations.length > 0) process.exitCode = 1;
}

function newTotals() {
  const seen: Record<string, number> = {};
  const violations: string[] = [];
  return {
    seen,
    violations,
    take(observation: Observation) {
      for (const [what, count] of Object.entries(observation.seen)) seen[what] = (seen[what] ?? 0) + count;
      for (const [what, value] of Object.entries(observation.most ?? {})) {
        seen[what] = Math.max(seen[what] ?? 0, value);
      }
      violations.push(...observation.violations);
    },
  };
}

async function openGround(): Promise<DrillGround> {
  const installation = await newInstallation();
  const servers = [await installation.startProcess(), await installation.startProcess()] as const;
  const target = await seed(installation, servers[0]);
  const connections = openConnections(target.place, TRIES);
  const places = servers.map((server) => server.place);
  const volley = async (calls: readonly Call[]) => {
    await warmUp(connections, places);
    return Promise.all(calls.map((call, index) => connections.send(call, places[index % 2])));
  };
  const database = await watchDatabase(installation.dataDir);
  const cookie = await signedInBrowser(target);
  return { installation, servers, target, connections, database, cookie, volley };
}

/** Opens every connection beforehand, so that the tries start together and not one handshake after the other. */
async function warmUp(connections: Connections, places: readonly Place[]): Promise<void> {
  const call = { method: 'GET', path: '/jwks' } as const;
  await Promise.all(
    Array.from({ length: TRIES }, (_, index) => connections.send(call, places[index % 2]).catch(() => {})),
  );
}

async function closeGround({ installation, connections, database }: DrillGround): Promise<void> {
  connections.close();
  await database.close();
  await installation.close();
}
