import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FLOWS, type Flow, flowNamed } from './flows.ts';
import { type OpenContender, openC0, openGatehouse } from './support/contenders.ts';
import { describeMachine } from './support/cpu.ts';
import { countTransactions } from './support/count.ts';
import { type Loader, startLoader } from './support/load.ts';
import { measureSlot, type Slot } from './support/slot.ts';
import { type FlowResult, resultOf, type Round, tableOf } from './support/result.ts';

/**
 * Measures Gatehouse against the bare engine in one run, A-B-B-A, so that whatever else the machine does falls on
 * both. See README.md.
 * `node bench/run.ts [--seconds N] [--rounds N] [--connections N] [--foreign percent] [--only flow,…] [--json file]`
 */
async function main(): Promise<void> {
  const options = readOptions();
  const loader = startLoader();
  const ours = await openGatehouse();
  const c0 = await openC0();
  try {
    const measured = new Map<Flow, Round[]>();
    for (const flow of options.flows) {
      const rounds = await measureFlow(loader, flow, ours, c0, options);
      measured.set(flow, rounds);
      progress(`${flow.title}: ${resultOf(flow, rounds, Number.NaN).ratio.toFixed(2)} of C0`);
    }
    progress('counting statements');
    const statements = await countTransactions(loader, options.flows, ours);
    const results = [...measured].map(([flow, rounds]) =>
      resultOf(flow, rounds, statements.get(flow.name) ?? 0),
    );
    report(options, { ...describeMachine(), postgresql: ours.database.version }, results);
  } finally {
    loader.stop();
    await Promise.all([ours.close(), c0.close()]);
  }
}

interface Options {
  readonly seconds: number;
  readonly rounds: number;
  readonly connections: number;
  /** A round in which others used more of the machine than this is tried again. */
  readonly foreign: number;
  readonly flows: readonly Flow[];
  readonly json?: string;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '5' },
      connections: { type: 'string', default: '8' },
      foreign: { type: 'string', default: '10' },
      only: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const { seconds, rounds, connections, foreign, only, json } = values;
  return {
    seconds: Number(seconds),
    rounds: Number(rounds),
    connections: Number(connections),
    foreign: Number(foreign) / 100,
    flows: only === undefined ? FLOWS : only.split(',').map(flowNamed),
    ...(json !== undefined && { json }),
  };
}

const WARM_UP_SECONDS = 2;
const MOST_TRIES = 4;

function disturbance({ ours, c0 }: Round): number {
  return Math.max(...[...ours, ...c0].map(({ foreign }) => foreign));
}

async function measureFlow(
  loader: Loader,
  flow: Flow,
  ours: OpenContender,
  c0: OpenContender,
  options: Options,
): Promise<Round[]> {
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
  const measured: Round[] = [];
  for (let tried = 0; measured.length < rounds && tried < rounds * MOST_TRIES; tried += 1) {
    const first = await slot(ours, seconds);
    const second = [await slot(c0, seconds), await slot(c0, seconds)];
    const round = { ours: [first, await slot(ours, seconds)], c0: second };
    // A round that others disturbed is tried again, unless the machine is never quiet enough.
    const left = rounds * MOST_TRIES - tried;
    if (disturbance(round) <= options.foreign || left <= rounds - measured.length) measured.push(round);
  }
  return measured;
}

/** A slot of codes ends with the last one: as many as fit into thirty seconds of making and a minute of life. */
function supplyOf(flow: Flow, seconds: number, connections: number): number {
  return flow.handles === 'spent' ? Math.min(3_000, Math.round(seconds * 500)) : connections * 2;
}

function report(options: Options, machine: Record<string, string | number>, results: FlowResult[]): void {
  const { seconds, rounds, connections, json } = options;
  const facts = Object.entries({ ...machine, seconds, rounds, connections });
  process.stdout.write(
    `\n${facts.map(([name, value]) => `${name}: ${value}`).join(', ')}\n\n${tableOf(results)}\n`,
  );
  if (json === undefined) return;
  const document = { at: new Date(), machine, seconds, rounds, connections, results };
  writeFileSync(json, `${JSON.stringify(document, null, 2)}\n`);
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

await main();
