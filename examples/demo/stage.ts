import { relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openGuide } from './guide.ts';
import type { GuideFacts } from './guide-page.ts';
import type { Kept } from './kept.ts';
import type { Ports } from './ports.ts';
import { type Answered, answeredIn } from './progress.ts';
import { type Program, runCommand, startProgram } from './programs.ts';
import { type Credentials, type Seeds, seed } from './seed.ts';

/** The demo while it runs. */
export interface Demo {
  readonly dataDir: string;
  readonly kept: Kept;
  /** Writes `kept` down. */
  keep(): void;
  readonly ports: Ports;
  /** What is closed at the end, the newest first. */
  readonly opened: AsyncDisposableStack;
  /** Aborted when the demo is to end. */
  readonly end: AbortController;
  say(sentence: string): void;
}

/** The programs of the demo. `patience`: milliseconds one may take to end; the server stops its database in them. */
export const PROGRAMS = [
  { name: 'gatehouse', path: 'src/main.ts', patience: 15_000 },
  { name: 'calendar', path: 'examples/calendar-api/calendar-api.ts', patience: 3_000 },
  { name: 'notes', path: 'examples/notes-app/notes-app.ts', patience: 3_000 },
] as const;
type Name = (typeof PROGRAMS)[number]['name'];

/** Milliseconds a program may take until it answers: enough for a slow machine that makes its first database. */
const PATIENCE_AT_START = 60_000;

/** Starts the server, makes what is missing, then starts API, app and guide. */
export async function openStage(demo: Demo): Promise<void> {
  const { dataDir, ports, kept, keep, end, say } = demo;
  const url = (name: keyof Ports) => `http://localhost:${ports[name]}`;
  const installation = { DATA_DIR: dataDir, ISSUER_URL: url('gatehouse'), LOG_LEVEL: 'warn' };
  const discovery = `${url('gatehouse')}/.well-known/openid-configuration`;
  say('Starting Gatehouse …');
  await start(
    demo,
    'gatehouse',
    { ...installation, PORT: `${ports.gatehouse}`, METRICS_PORT: '0' },
    discovery,
  );
  say(`Gatehouse answers after ${(performance.now() / 1000).toFixed(1)} s.`);

  await forgetLostSeeds(demo, url('gatehouse'));
  if (Object.keys(kept.made).length === 0) say('Making two people, two organizations, two apps and an API …');
  const seeds = await seed({
    ...{ kept, keep, stop: end.signal, calendarUrl: url('calendar'), notesUrl: url('notes') },
    command: (args, input) => runCommand(args, installation, input),
  });
  const guide = await openGuide(factsOf(demo, seeds), ports.guide);
  demo.opened.defer(guide.close);
  const { identifier } = seeds.calendar;
  const calendar = { ...environmentFor(seeds.calendar, url('gatehouse')), API_URL: identifier };
  const notes = {
    ...environmentFor(seeds.notes, url('gatehouse')),
    APP_URL: url('notes'),
    CALENDAR_URL: identifier,
  };
  await Promise.all([
    start(demo, 'calendar', calendar, url('calendar'), guide.observe),
    start(demo, 'notes', notes, url('notes'), guide.observe),
  ]);
}

function environmentFor({ clientId, secret }: Credentials, issuer: string): Record<string, string> {
  return { ISSUER_URL: issuer, CLIENT_ID: clientId, CLIENT_SECRET: secret };
}

/** Starts a program and waits until `url` is answered. From then on its end is the end of the demo. */
async function start(
  demo: Demo,
  name: Name,
  env: Readonly<Record<string, string>>,
  url: string,
  observe?: (answered: Answered) => void,
): Promise<void> {
  const { kept, keep, opened, end } = demo;
  end.signal.throwIfAborted();
  const { path, patience } = PROGRAMS.find((program) => program.name === name) ?? PROGRAMS[0];
  const onLine = (line: string) => {
    const answered = answeredIn(line);
    if (observe && answered && name !== 'gatehouse') observe({ program: name, ...answered });
    else if (!observe) process.stderr.write(`${name}: ${line}\n`);
  };
  const program = startProgram(name, path, env, onLine);
  opened.defer(() => program.stop(patience));
  kept.running[name] = program.pid;
  keep();
  program.ended.then((how) => end.abort(`${path} has ended by itself (${how}), so the demo stops.`));
  await untilAnswered(program, url, end.signal);
}

async function untilAnswered({ name }: Program, url: string, stop: AbortSignal): Promise<void> {
  for (const began = performance.now(); performance.now() - began < PATIENCE_AT_START; ) {
    stop.throwIfAborted();
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer && answer.status < 500) return;
    await sleep(25);
  }
  throw new Error(`${name} does not answer at ${url}.`);
}

/** A database that was removed by hand knows nothing of what was made in it; then everything is made again. */
async function forgetLostSeeds({ kept }: Demo, issuer: string): Promise<void> {
  const { client_id: id, client_secret: secret } = kept.made['api create: Fennel Calendar']?.answer ?? {};
  if (id === undefined) return;
  const asked = await fetch(`${issuer}/token/introspection`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ token: 'any' }),
  });
  if (asked.status === 401) kept.made = {};
}

function factsOf({ dataDir, ports }: Demo, seeds: Seeds): GuideFacts {
  const issuer = `http://localhost:${ports.gatehouse}`;
  const near = relative(process.cwd(), dataDir);
  const brokenRedirect = new URL('/authorize', issuer);
  brokenRedirect.search = new URLSearchParams({
    client_id: seeds.notes.clientId,
    response_type: 'code',
    redirect_uri: 'https://somewhere-else.example/callback',
    scope: 'openid',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  }).toString();
  return {
    ...seeds,
    issuer,
    dataDir: near.startsWith('..') ? dataDir : near,
    notesUrl: `http://localhost:${ports.notes}`,
    brokenRedirect: brokenRedirect.href,
  };
}
