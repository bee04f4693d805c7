import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { flowNamed } from './flows.ts';
import { openGatehouse } from './support/contenders.ts';
import { startLoader } from './support/load.ts';
import { markdownTable } from './support/statistics.ts';

/**
 * Where the server's time goes in one flow, by function and by package. Sampling slows it down: read shares, not rates.
 * `node bench/profile.ts --flow introspection [--seconds 5] [--keep file.cpuprofile]`
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      flow: { type: 'string', default: 'credentials-opaque' },
      seconds: { type: 'string', default: '5' },
      keep: { type: 'string' },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-profile-'));
  try {
    const requests = await load(values.flow, Number(values.seconds), folder);
    const [name] = readdirSync(folder).filter((file) => file.endsWith('.cpuprofile'));
    if (name === undefined) throw new Error('the server left no profile');
    if (values.keep !== undefined) copyFileSync(join(folder, name), values.keep);
    const profile = JSON.parse(readFileSync(join(folder, name), 'utf8')) as CpuProfile;
    process.stdout.write(`${values.flow}: ${requests} requests\n\n${reportOf(profile, requests)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function load(flowName: string, seconds: number, folder: string): Promise<number> {
  const flow = flowNamed(flowName);
  const loader = startLoader();
  const { target, supply, close } = await openGatehouse(`--cpu-prof --cpu-prof-dir=${folder}`);
  try {
    const handles = await supply(flow, flow.handles === 'spent' ? 500 * seconds : 8);
    const order = { flow: flow.name, target, connections: 8, seconds, handles };
    return (await loader.run(order)).requests;
  } finally {
    loader.stop();
    await close();
  }
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { functionName: string; url: string; lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const SHOWN = 45;

function reportOf({ nodes, samples, timeDeltas }: CpuProfile, requests: number): string {
  const byId = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const functions = new Map<string, number>();
  const packages = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const { functionName, url, lineNumber } = byId.get(id) ?? { functionName: '?', url: '', lineNumber: 0 };
    if (functionName === '(idle)' || functionName === '(root)') continue;
    const time = timeDeltas[index] ?? 0;
    add(functions, `${functionName || '(anonymous)'} ${place(url)}:${lineNumber + 1}`, time);
    add(
      packages,
      url === ''
        ? functionName
        : place(url)
            .split('/')
            .slice(0, url.includes('/src/') ? 3 : 2)
            .join('/'),
      time,
    );
  }
  return [packages, functions].map((costs) => tableOf(costs, requests)).join('\n\n');
}

function add(costs: Map<string, number>, name: string, time: number): void {
  costs.set(name, (costs.get(name) ?? 0) + time);
}

function place(url: string): string {
  return url.replace(/^.*\/node_modules\//, 'npm/').replace(/^file:\/\/.*\/(src|prisma|bench)\//, '$1/');
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
