import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { flowNamed } from './flows.ts';
import { type OpenContender, openGatehouse } from './support/contenders.ts';
import { describeMachine } from './support/cpu.ts';
import { type Loader, startLoader } from './support/load.ts';
import { measureSlot } from './support/slot.ts';
import { markdownTable, median } from './support/statistics.ts';

/**
 * What inspector and usage cost: CPU of server and database for each token request, with them and without, in turns
 * (with, without, without, with). See README.md.
 * `node bench/inspector.ts [--seconds 3] [--rounds 6] [--connections 8] [--only credentials-opaque,…]`
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '6' },
      connections: { type: 'string', default: '8' },
      only: { type: 'string', default: 'credentials-opaque,refresh-standing,refresh-rotating' },
    },
  });
  const without = fileURLToPath(new URL('./support/without-insights.ts', import.meta.url));
  const loader = startLoader();
  const told = await openGatehouse();
  const silent = await openGatehouse(`--import=${without}`);
  try {
    const rows = [];
    for (const name of values.only.split(',')) rows.push(await compare(loader, name, told, silent, values));
    process.stdout.write(`${JSON.stringify(describeMachine())}\n\n${markdownTable(rows)}\n`);
  } finally {
    loader.stop();
    await Promise.all([told.close(), silent.close()]);
  }
}

async function compare(
  loader: Loader,
  name: string,
  told: OpenContender,
  silent: OpenContender,
  { seconds, rounds, connections }: { seconds: string; rounds: string; connections: string },
) {
  const flow = flowNamed(name);
  const handles = new Map<OpenContender, string[]>();
  for (const one of [told, silent]) handles.set(one, await one.supply(flow, Number(connections) * 2));
  /** Microseconds of CPU a request. */
  const cost = async (one: OpenContender, length = Number(seconds)) => {
    const order = {
      flow,
      handles: handles.get(one) ?? [],
      seconds: length,
      connections: Number(connections),
    };
    const { serverCpu, databaseCpu, requests } = await measureSlot(loader, one, order);
    return ((serverCpu + databaseCpu) / requests) * 1e6;
  };
  for (const one of [told, silent]) await cost(one, 2);
  const measured: { readonly with: number; readonly without: number }[] = [];
  for (let round = 0; round < Number(rounds); round += 1) {
    const first = await cost(told);
    const second = (await cost(silent)) + (await cost(silent));
    measured.push({ with: (first + (await cost(told))) / 2, without: second / 2 });
    process.stderr.write(`${name}: ${JSON.stringify(measured.at(-1))}\n`);
  }
  const shares = measured.map((round) => (round.with / round.without - 1) * 100);
  return {
    flow: flow.title,
    'with, µs': median(measured.map((round) => round.with)).toFixed(0),
    'without, µs': median(measured.map((round) => round.without)).toFixed(0),
    'cost, %': `${median(shares).toFixed(1)} (${Math.min(...shares).toFixed(1)} to ${Math.max(...shares).toFixed(1)})`,
  };
}

await main();
