import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Visitor } from '../test/support/visitor.ts';
import { codeOf } from '../test/support/world.ts';
import { flowNamed } from './flows.ts';
import { openGatehouse } from './support/contenders.ts';
import { cpuByPriority, cpuOfFamily, describeMachine, memoryOf } from './support/cpu.ts';
import { newCrowd } from './support/crowd.ts';
import { type Answer, type Call, type Connections, openConnections } from './support/http.ts';
import { startLoader } from './support/load.ts';
import type { Person } from './support/people.ts';
import { measureSlot, type Slot } from './support/slot.ts';
import { markdownTable, median, percentile, short } from './support/statistics.ts';

/**
 * What a sign-in costs, and what two hundred people who sign in at once do to a parallel load of introspections.
 * `node bench/sign-in-flood.ts [--seconds N] [--rounds N] [--connections N] [--people N] [--json file]`
 */
async function main(): Promise<void> {
  const options = readOptions();
  const loader = startLoader();
  const gatehouse = await openGatehouse();
  try {
    const crowd = await newCrowd(gatehouse.installation, options.people);
    const cost = await costOf(gatehouse, crowd);
    const flow = flowNamed('introspection');
    const handles = await gatehouse.supply(flow, options.connections * 2);
    const order = { flow, handles, seconds: options.seconds, connections: options.connections };
    const rounds: Round[] = [];
    await measureSlot(loader, gatehouse, { ...order, seconds: 2 });
    for (let number = 0; number < options.rounds; number += 1) {
      const calm = await measureSlot(loader, gatehouse, order);
      const flood = await startFlood(gatehouse, crowd);
      const busy = await measureSlot(loader, gatehouse, order);
      rounds.push({ calm, busy, flood: await flood.stop() });
    }
    report(options, { ...describeMachine(), postgresql: gatehouse.database.version }, cost, rounds);
  } finally {
    loader.stop();
    await gatehouse.close();
  }
}

/** Sign-ins before the measured ones: the first hundred are slower, because nothing is compiled yet. */
const WARMING_UP = 100;
const SILENCE_MS = 10_000;

type Gatehouse = Awaited<ReturnType<typeof openGatehouse>>;

interface Options {
  readonly seconds: number;
  readonly rounds: number;
  readonly connections: number;
  readonly people: number;
  readonly json?: string;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '8' },
      rounds: { type: 'string', default: '3' },
      connections: { type: 'string', default: '8' },
      people: { type: 'string', default: '200' },
      json: { type: 'string' },
    },
  });
  const { seconds, rounds, connections, people, json } = values;
  return {
    seconds: Number(seconds),
    rounds: Number(rounds),
    connections: Number(connections),
    people: Number(people),
    ...(json !== undefined && { json }),
  };
}

/** CPU milliseconds of one sign-in with password and one-time code, all pages of it included. */
interface Cost {
  readonly argon2: number;
  readonly server: number;
  readonly database: number;
}

/** What the jobs of the server do meanwhile is measured in a silence first, and taken off. */
async function costOf({ server, database, target }: Gatehouse, people: readonly Person[]): Promise<Cost> {
  for (const person of people.slice(0, WARMING_UP)) await signInOne(target, person);
  const measured = people.slice(WARMING_UP);
  const during = async (work: () => Promise<void>) => {
    const [began, before] = [performance.now(), cpuNow()];
    await work();
    const [seconds, after] = [(performance.now() - began) / 1000, cpuNow()];
    return { seconds, spent: (part: keyof typeof after) => after[part] - before[part] };
  };
  const silence = await during(() => sleep(SILENCE_MS));
  const busy = await during(async () => {
    for (const person of measured) await signInOne(target, person);
  });
  const each = (part: 'low' | 'normal' | 'database') => {
    const jobs = (silence.spent(part) / silence.seconds) * busy.seconds;
    return ((busy.spent(part) - jobs) * 1000) / measured.length;
  };
  return { argon2: each('low'), server: each('normal'), database: each('database') };

  function cpuNow() {
    return { ...cpuByPriority(server.pid), database: cpuOfFamily(database.postmaster) };
  }
}

/** Both forms and both answers; the page behind the sign-in is not part of it. */
async function signInOne({ place }: Gatehouse['target'], person: Person): Promise<void> {
  const { email, password } = person;
  const visitor = new Visitor(`http://${place.host}`);
  const form = await visitor.open('/sign-in');
  const second = await visitor.submit(form, 'Sign in', { email, password });
  const code = await codeOf(person);
  const done = await visitor.submit(second, 'Continue', { code }, { follow: false });
  if (new URL(done.location ?? done.url).pathname !== '/account')
    throw new Error(`not signed in: ${done.text}`);
}

interface Round {
  readonly calm: Slot;
  readonly busy: Slot;
  readonly flood: FloodReport;
}

interface FloodReport {
  readonly seconds: number;
  /** Passwords that were checked and right. */
  readonly passed: number;
  readonly turnedAway: number;
  /** Milliseconds until half of them, and all but one percent, were turned away. */
  readonly turnedAwayP50: number;
  readonly turnedAwayP99: number;
  /** MiB at most, over what the server held before. */
  readonly memory: number;
}

/** Everybody sends the password at once; whoever is in is followed by the next, who is turned away comes back as told. */
async function startFlood({ target, server }: Gatehouse, crowd: readonly Person[]) {
  const connections = openConnections(target.place, crowd.length);
  const ready = await Promise.all(crowd.map((person) => atTheForm(connections, person)));
  const began = performance.now();
  const before = memoryOf(server.pid);
  const away: number[] = [];
  let [passed, most, over] = [0, before, false];
  const watch = setInterval(() => {
    most = Math.max(most, memoryOf(server.pid));
  }, 50);
  const visit = async (call: Call) => {
    while (!over) {
      const sent = performance.now();
      const { status, headers, text } = await connections.send(call);
      if (status === 303) passed += 1;
      else if (status === 503) {
        away.push(performance.now() - sent);
        await sleep(Number(headers['retry-after']) * 1000, undefined, { ref: false });
      } else throw new Error(`a sign-in got ${status} ${text.slice(0, 300)}`);
    }
  };
  const visits = Promise.all(ready.map(visit));
  visits.catch(() => {});
  return {
    async stop(): Promise<FloodReport> {
      over = true;
      const seconds = (performance.now() - began) / 1000;
      const counted = passed;
      await visits;
      clearInterval(watch);
      connections.close();
      return {
        seconds,
        passed: counted,
        turnedAway: away.length,
        turnedAwayP50: percentile(away, 0.5),
        turnedAwayP99: percentile(away, 0.99),
        memory: most - before,
      };
    },
  };
}

/** The filled-in form of somebody whose browser is at the sign-in page. */
async function atTheForm(connections: Connections, { email, password }: Person): Promise<Call> {
  const page = await connections.send({ method: 'GET', path: '/sign-in' });
  const token = /name="form_token" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
  const form = `${new URLSearchParams({ form_token: token, email, password })}`;
  return { method: 'POST', path: '/sign-in', headers: { cookie: cookiesOf(page) }, form };
}

function cookiesOf({ headers }: Answer): string {
  return (headers['set-cookie'] ?? []).map((cookie) => cookie.split(';', 1)[0]).join('; ');
}

function report(options: Options, machine: object, cost: Cost, rounds: readonly Round[]): void {
  const middle = (read: (round: Round) => number) => median(rounds.map(read));
  const whole = cost.argon2 + cost.server;
  const summary = {
    'argon2, ms CPU': short(cost.argon2),
    'rest of the server, ms CPU': short(cost.server),
    'argon2 of the server': `${Math.round((100 * cost.argon2) / whole)} %`,
    'database, ms CPU': short(cost.database),
    'argon2 of all': `${Math.round((100 * cost.argon2) / (whole + cost.database))} %`,
  };
  const flood = {
    'introspection p99 calm, ms': short(middle(({ calm }) => calm.p99)),
    'in the flood, ms': short(middle(({ busy }) => busy.p99)),
    ratio: short(middle(({ calm, busy }) => busy.p99 / calm.p99)),
    'rate kept': `${Math.round(100 * middle(({ calm, busy }) => busy.requests / busy.seconds / (calm.requests / calm.seconds)))} %`,
    'passwords a second': short(middle(({ flood }) => flood.passed / flood.seconds)),
    'turned away after p50 / p99, ms': `${short(middle(({ flood }) => flood.turnedAwayP50))} / ${short(middle(({ flood }) => flood.turnedAwayP99))}`,
    'memory, MiB': short(middle(({ flood }) => flood.memory)),
    foreign: `${Math.round(100 * Math.max(...rounds.map(({ calm }) => calm.foreign)))} %`,
  };
  const facts = Object.entries({ ...machine, ...options }).map(([name, value]) => `${name}: ${value}`);
  process.stdout.write(`\n${facts.join(', ')}\n\n${markdownTable([summary])}\n\n${markdownTable([flood])}\n`);
  if (options.json !== undefined)
    writeFileSync(
      options.json,
      `${JSON.stringify({ at: new Date(), machine, options, cost, rounds }, null, 2)}\n`,
    );
}

await main();
