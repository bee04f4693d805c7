import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { freePort } from '../test/support/server.ts';
import { flowNamed } from './flows.ts';
import { openC0, openGatehouse } from './support/contenders.ts';
import { cpuOf } from './support/cpu.ts';
import { startLoader } from './support/load.ts';
import { type CpuProfile, profileDuring } from './support/profiler.ts';
import { markdownTable } from './support/statistics.ts';

/**
 * Where the server's time goes in one flow, by package and by function. Sampling slows it down, and a sample is wall
 * time: read shares, on a quiet machine.
 * `node bench/profile.ts --flow introspection [--seconds 5] [--c0] [--keep file.cpuprofile]`
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      flow: { type: 'string', default: 'credentials-opaque' },
      seconds: { type: 'string', default: '5' },
      c0: { type: 'boolean', default: false },
      keep: { type: 'string' },
    },
  });
  const { flow, c0, keep } = values;
  const { profile, requests, cpu } = await profileFlow(flow, Number(values.seconds), c0);
  if (keep !== undefined) writeFileSync(keep, JSON.stringify(profile));
  const each = ((cpu / requests) * 1e6).toFixed(0);
  process.stdout.write(`${flow}: ${requests} requests, ${each} µs of CPU each\n\n`);
  process.stdout.write(`${reportOf(profile, requests)}\n`);
}

async function profileFlow(name: string, seconds: number, bare: boolean) {
  const flow = flowNamed(name);
  const loader = startLoader();
  const port = await freePort();
  const open = bare ? openC0 : openGatehouse;
  const { target, server, supply, close } = await open(`--inspect=127.0.0.1:${port}`);
  try {
    const load = async (seconds: number) => {
      const handles = await supply(flow, flow.handles === 'spent' ? Math.min(3_000, 500 * seconds) : 8);
      return { flow: flow.name, target, connections: 8, seconds, handles };
    };
    await loader.run(await load(2));
    const order = await load(seconds);
    const before = cpuOf(server.pid);
    let requests = 0;
    const profile = await profileDuring(port, async () => {
      requests = (await loader.run(order)).requests;
    });
    return { profile, requests, cpu: cpuOf(server.pid) - before };
  } finally {
    loader.stop();
    await close();
  }
}

const SHOWN = 40;

function reportOf({ nodes, samples, timeDeltas }: CpuProfile, requests: number): string {
  const byId = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const functions = new Map<string, number>();
  const packages = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const { functionName, url, lineNumber } = byId.get(id) ?? { functionName: '?', url: '', lineNumber: 0 };
    if (functionName === '(idle)' || functionName === '(root)') continue;
    const time = timeDeltas[index] ?? 0;
    const path = place(url);
    add(functions, `${functionName || '(anonymous)'} ${path}${path && `:${lineNumber + 1}`}`.trim(), time);
    add(packages, path === '' ? functionName : packageOf(path), time);
  }
  return [packages, functions].map((costs) => tableOf(costs, requests)).join('\n\n');
}

function add(costs: Map<string, number>, name: string, time: number): void {
  costs.set(name, (costs.get(name) ?? 0) + time);
}

/** `npm/<package>/…` or a path within the repository. */
function place(url: string): string {
  return url.replace(/^.*\/node_modules\//, 'npm/').replace(/^file:\/\/.*\/(src|prisma|bench)\//, '$1/');
}

function packageOf(path: string): string {
  const parts = path.split('/');
  return parts.slice(0, parts[1]?.startsWith('@') ? 3 : 2).join('/');
}

function tableOf(costs: ReadonlyMap<string, number>, requests: number): string {
  const total = [...costs.values()].reduce((sum, time) => sum + time, 0);
  const largest = [...costs].sort(([, a], [, b]) => b - a).slice(0, SHOWN);
  return markdownTable(
    largest.map(([where, time]) => ({
      where,
      share: `${((100 * time) / total).toFixed(1)} %`,
      'µs a request': (time / requests).toFixed(1),
    })),
  );
}

await main();
