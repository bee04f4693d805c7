// npm run demo [-- --data-dir data-demo --port 3000]: starts Gatehouse, an app and an API, and prints one link to a
// page that leads through them. Everything it makes stays in the data directory; Ctrl-C stops everything.
import { once } from 'node:events';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Kept, readKept, writeKept } from './kept.ts';
import { choosePorts, type Ports } from './ports.ts';
import { endLeftover, runsStill } from './programs.ts';
import { type Demo, openStage, PROGRAMS } from './stage.ts';

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { 'data-dir': { type: 'string' }, port: { type: 'string' } } });
  const dataDir = resolve(values['data-dir'] ?? 'data-demo');
  const first = Number(values.port ?? 3000);
  if (!(first > 0 && first < 65_000)) throw new Error('--port must be a number from 1 to 64999.');
  const kept = readKept(dataDir);
  if (isRunning(kept)) return sayLink('The demo is already running. Open this page:', kept.ports);
  await endLeftovers(kept);
  const { ports, moved } = await choosePorts(first, kept.ports);
  for (const sentence of moved) say(sentence);
  Object.assign(kept, { ports, running: { demo: process.pid } });
  const demo: Demo = {
    ...{ dataDir, kept, ports, say },
    keep: () => writeKept(dataDir, kept),
    opened: new AsyncDisposableStack(),
    end: endOnSignals(),
  };
  demo.keep();
  await run(demo);
}

/** Shows the demo until it is to end, and then closes what was opened, whatever happened on the way. */
async function run(demo: Demo): Promise<void> {
  const { signal } = demo.end;
  try {
    await openStage(demo);
    sayLink('Open this page and follow its five steps:', demo.ports);
    say('Ctrl-C stops everything.');
    if (!signal.aborted) await once(signal, 'abort');
  } catch (error) {
    demo.end.abort((error as Error).message);
  }
  if (signal.reason !== ASKED) complain(signal.reason);
  await demo.opened.disposeAsync();
  demo.kept.running = {};
  demo.keep();
  say('Everything has stopped.');
}

/** The reason of an end that somebody asked for; any other is a sentence about what went wrong. */
const ASKED = Symbol('asked');

/** npm and the terminal both pass on a Ctrl-C, so a second signal means nothing new. */
function endOnSignals(): AbortController {
  const end = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => end.abort(ASKED));
  return end;
}

function isRunning({ running: { demo } }: Kept): boolean {
  return demo !== undefined && runsStill(demo, 'examples/demo/demo.ts');
}

/** What a killed demo left behind: the programs it had no time to stop. */
async function endLeftovers({ running }: Kept): Promise<void> {
  for (const { name, path, patience } of PROGRAMS) {
    const pid = running[name];
    if (pid === undefined || !runsStill(pid, path)) continue;
    say(`Stopping what an earlier demo left running (${path}).`);
    await endLeftover(pid, path, patience);
  }
}

function say(sentence: string): void {
  process.stdout.write(`${sentence}\n`);
}

function sayLink(sentence: string, ports: Ports | undefined): void {
  say(`\n${sentence}\n\n    http://localhost:${ports?.guide}\n`);
}

/** Something went wrong that a sentence can say. */
function complain(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}

await main().catch((error: Error) => complain(error.message));
