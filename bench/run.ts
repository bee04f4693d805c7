import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FLOWS, type Flow, flowNamed } from './flows.ts';
import { type OpenContender, openC0, openGatehouse } from './support/contenders.ts';
import { describeMachine } from './support/cpu.ts';
import { settled } from './support/database.ts';
import { type Loader, startLoader } from './support/load.ts';
import { measureSlot, type Slot } from './support/slot.ts';
import { type FlowResult, resultOf, tableOf } from './support/result.ts';

/**
 * Measures Gatehouse against the bare engine in one run, A-B-B-A, so that whatever else the machine does falls on
 * both. See README.md. `node bench/run.ts [--seconds N] [--rounds N] [--only flow,…] [--json file]`
 */
async function main(): Promise<void> {
  const options = readOptions();
  const loader = startLoader();
  const ours = await openGatehouse();
  const c0 = await openC0();
  try {
    const machine = { ...describeMachine(), postgresql: ours.database?.version ?? '' };
    const results: FlowResult[] = [];
    for (const flow of options.flows) {
      results.push(await measureFlow(loader, flow, ours, c0, options));
      say(tableOf(results.slice(-1)).split('\n').at(-1) ?? '');
    }
    say(
      `\n${Object.entries(machine)
        .map(([name, value]) => `${name}: ${value}`)
        .join(', ')}`,
    );
    say(`\n${tableOf(results)}\n`);
    if (options.json !== undefined) {
      writeFileSync(
        options.json,
        `${JSON.stringify({ at: new Date(), machine, ...describe(options), results }, null, 2)}\n`,
      );
    }
  } finally {
    loader.stop();
    await Promise.all([ours.close(), c0.close()]);
  }
}

interface Options {
  readonly seconds: number;
  readonly rounds: number;
  readonly connections: number;
  readonly flows: readonly Flow[];
  readonly json?: string;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '5' },
      connections: { type: 'string', default: '8' },
      only: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const { seconds, rounds, connections, only, json } = values;
  return {
    seconds: Number(seconds),
    rounds: Number(rounds),
    connections: Number(connections),
    flows: only === undefined ? FLOWS : only.split(',').map(flowNamed),
    ...(json !== undefined && { json }),
  };
}

function describe({ seconds, rounds, connections }: Options) {
  return { seconds, rounds, connections };
}

const WARM_UP_SECONDS = 2;

async function measureFlow(
  loader: Loader,
  flow: Flow,
  ours: OpenContender,
  c0: OpenContender,
  options: Options,
): Promise<FlowResult> {
  const { rounds, seconds, connections } = options;
  const handles = new Map<OpenContender, string[]>();
  const slot = async (contender: OpenContender, length: number): Promise<Slot> => {
    // A code lives for a minute, so those that are spent are made right before their slot.
    const fresh = flow.handles === 'spent' || !handles.has(contender);
    if (fresh) handles.set(contender, await contender.supply(flow, supplyOf(flow, length, connections)));
    const order = { flow, handles: handles.get(contender) ?? [], seconds: length, connections };
    return measureSlot(loader, contender, order);
  };
  for (const contender of [ours, c0]) await slot(contender, WARM_UP_SECONDS);
  const measured: { ours: Slot[]; c0: Slot[] }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const first = await slot(ours, seconds);
    const second = [await slot(c0, seconds), await slot(c0, seconds)];
    measured.push({ ours: [first, await slot(ours, seconds)], c0: second });
  }
  return resultOf(flow, measured, await countTransactions(loader, flow, ours));
}

/** A slot of codes ends with the last one: as many as fit into thirty seconds of making and a minute of life. */
function supplyOf(flow: Flow, seconds: number, connections: number): number {
  return flow.handles === 'spent' ? Math.min(3_000, Math.round(seconds * 500)) : connections * 2;
}

const COUNTED = 300;

/** Transactions a request, reads included, with one request at a time and nothing shared. */
async function countTransactions(
  loader: Loader,
  flow: Flow,
  { target, database, supply }: OpenContender,
): Promise<number> {
  if (!database) return 0;
  const handles = await supply(flow, flow.handles === 'spent' ? COUNTED + 3 : 1);
  const send = async (requests: number) => {
    const order = { flow: flow.name, target, connections: 1, seconds: 30, requests, handles };
    handles.splice(0, handles.length, ...(await loader.run(order)).handles);
  };
  await settled(() => send(1));
  const idleBefore = await database.counters();
  await settled(() => send(1));
  const before = await database.counters();
  await send(COUNTED);
  await settled(() => send(1));
  const after = await database.counters();
  // What the jobs and this very count do meanwhile is taken off: the same wait, with one request in it.
  const idle = before.transactions - idleBefore.transactions;
  return (after.transactions - before.transactions - idle) / COUNTED;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
