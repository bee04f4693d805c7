import { parseArgs } from 'node:util';
import { flowNamed } from './flows.ts';
import { openGatehouse } from './support/contenders.ts';
import { describeMachine } from './support/cpu.ts';
import { startLoader } from './support/load.ts';
import { measureSlot } from './support/slot.ts';
import { median } from './support/statistics.ts';

/**
 * What a gateway's check costs, compared with an introspection of the same tokens at the same server, in turns (check,
 * introspection, introspection, check). Exit code 1 where it costs more. See README.md.
 * `node bench/check.ts [--seconds 3] [--rounds 8] [--connections 8] [--json]`
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '8' },
      connections: { type: 'string', default: '8' },
      json: { type: 'boolean', default: false },
    },
  });
  const connections = Number(values.connections);
  const loader = startLoader();
  const gatehouse = await openGatehouse();
  try {
    const handles = await gatehouse.supply(flowNamed('introspection'), connections * 2);
    /** Microseconds of CPU a request. */
    const cost = async (name: string, seconds = Number(values.seconds)) => {
      const order = { flow: flowNamed(name), handles, seconds, connections };
      const { serverCpu, databaseCpu, requests } = await measureSlot(loader, gatehouse, order);
      return { all: ((serverCpu + databaseCpu) / requests) * 1e6, server: (serverCpu / requests) * 1e6 };
    };
    for (const name of ['check', 'introspection']) await cost(name, 2);
    const rounds: Round[] = [];
    for (let round = 0; round < Number(values.rounds); round += 1) {
      const first = await cost('check');
      const asked = [await cost('introspection'), await cost('introspection')];
      rounds.push({ check: [first, await cost('check')], introspection: asked });
    }
    report(rounds, values.json);
  } finally {
    loader.stop();
    await gatehouse.close();
  }
}

interface Cost {
  /** Server and database. */
  readonly all: number;
  readonly server: number;
}

interface Round {
  readonly check: readonly Cost[];
  readonly introspection: readonly Cost[];
}

function report(rounds: readonly Round[], json: boolean): void {
  const of = (name: keyof Round, part: keyof Cost) =>
    median(rounds.flatMap((round) => round[name].map((cost) => cost[part])));
  const sum = (costs: readonly Cost[], part: keyof Cost) =>
    costs.reduce((total, cost) => total + cost[part], 0);
  const ratios = (part: keyof Cost) =>
    rounds.map(({ check, introspection }) => sum(check, part) / sum(introspection, part));
  const figures = {
    checkMicros: Math.round(of('check', 'all')),
    introspectionMicros: Math.round(of('introspection', 'all')),
    ratio: Number(median(ratios('all')).toFixed(2)),
    lowest: Number(Math.min(...ratios('all')).toFixed(2)),
    highest: Number(Math.max(...ratios('all')).toFixed(2)),
    ratioServer: Number(median(ratios('server')).toFixed(2)),
  };
  const { checkMicros, introspectionMicros, ratio, lowest, highest, ratioServer } = figures;
  if (!json) {
    const costs = `a check costs ${checkMicros} µs of CPU, an introspection ${introspectionMicros}`;
    const said = `ratio ${ratio} (${lowest} to ${highest}), of the server alone ${ratioServer}`;
    process.stdout.write(`${costs}: ${said}\n`);
  }
  process.stdout.write(`${JSON.stringify({ ...describeMachine(), rounds: rounds.length, ...figures })}\n`);
  if (ratio > 1) process.exitCode = 1;
}

await main();
