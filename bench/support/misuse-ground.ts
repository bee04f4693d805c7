import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import { type App, newApi, newApp, type Notes } from '../../test/support/world.ts';
import { type Answer, type Call, type Connections, jsonOf, openConnections, type Place } from './http.ts';
import { newInstallation } from './installation.ts';
import { percentile, short } from './statistics.ts';

/** Two server processes behind one proxy, with honest apps at work and somebody who misuses one of his own. */
export interface MisuseGround {
  readonly platform: OpenPlatform;
  readonly connections: Connections;
  readonly places: readonly Place[];
  readonly host: string;
  readonly api: Notes;
  /** Apps of other people, with secrets of their own. */
  readonly honest: readonly App[];
  /** As one of many addresses would, to one server or the other. */
  send(call: Call, from?: string): Promise<Answer>;
  close(): Promise<void>;
}

const HONEST = 12;

export async function openMisuseGround(): Promise<MisuseGround> {
  const installation = await newInstallation({ TRUST_PROXY: '1' });
  const places = [(await installation.startProcess()).place, (await installation.startProcess()).place];
  const connections = openConnections(places[0] as Place, 64);
  const platform = await installation.openPlatform();
  const api = await newApi(platform);
  const honest: App[] = [];
  for (let number = 0; number < HONEST; number += 1)
    honest.push(
      await newApp(platform, api, { type: 'machine', name: `Honest ${number}`, scopes: ['notes:read'] }),
    );
  let turn = 0;
  return {
    ...{ platform, connections, places, host: installation.host, api, honest },
    send(call, from = '198.51.100.20') {
      turn += 1;
      const headers = { ...call.headers, 'x-forwarded-for': from };
      return connections.send({ ...call, headers }, places[turn % places.length]);
    },
    async close() {
      connections.close();
      await platform.close();
      await installation.close();
    },
  };
}

/** A form post as a client with a secret sends it; without one it only names itself. */
export function callAs(
  { clientId, secret }: Pick<App, 'clientId' | 'secret'>,
  path: string,
  fields: Record<string, string>,
): Call {
  if (secret === '')
    return { method: 'POST', path, form: `${new URLSearchParams({ ...fields, client_id: clientId })}` };
  const authorization = `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`;
  return { method: 'POST', path, headers: { authorization }, form: `${new URLSearchParams(fields)}` };
}

/** What one honest task took, and whether all of it worked. */
interface Done {
  readonly ok: boolean;
  readonly seconds: number;
}

/** Until told to stop, each honest app gets a token every second or so, and the API asks about it three times. */
export function honestWork(ground: MisuseGround, more: readonly (() => Promise<boolean>)[] = []) {
  const done: Done[] = [];
  let going = true;
  const task = async (work: () => Promise<boolean>) => {
    const began = performance.now();
    const ok = await work().catch(() => false);
    done.push({ ok, seconds: (performance.now() - began) / 1000 });
  };
  const machines = ground.honest.map((app, number) => () => useToken(ground, app, `100.64.${number}.10`));
  const loops = [...machines, ...more].map(async (work) => {
    await sleep(Math.random() * 1000);
    for (; going; await sleep(800 + Math.random() * 400)) await task(work);
  });
  return {
    done,
    async stop() {
      going = false;
      await Promise.all(loops);
    },
  };
}

async function useToken(ground: MisuseGround, app: App, address: string): Promise<boolean> {
  const answer = await ground.send(callAs(app, '/token', { grant_type: 'client_credentials' }), address);
  const { access_token: token } = jsonOf(answer);
  if (typeof token !== 'string') return false;
  const ask = callAs(ground.api, '/token/introspection', { token });
  for (let times = 0; times < 3; times += 1)
    if (jsonOf(await ground.send(ask, '198.51.100.9')).active !== true) return false;
  return true;
}

/** An attacker's call, and what came of it: a status unless the drill says it otherwise. */
export interface Sent {
  readonly at: number;
  readonly outcome: string;
}

/** Sends at a steady rate, whether answers come or not. */
export async function sendSteadily(
  perSecond: number,
  seconds: number,
  send: (number: number) => Promise<Answer>,
  outcomeOf: (answer: Answer) => string = ({ status }) => String(status),
): Promise<Sent[]> {
  const sent: Sent[] = [];
  const underWay: Promise<void>[] = [];
  const began = performance.now();
  for (let number = 0; number < perSecond * seconds; number += 1) {
    const due = began + (number * 1000) / perSecond;
    if (due > performance.now()) await sleep(due - performance.now());
    const at = Date.now();
    const one = send(number).then(
      (answer) => void sent.push({ at, outcome: outcomeOf(answer) }),
      () => void sent.push({ at, outcome: 'broken' }),
    );
    underWay.push(one);
  }
  await Promise.all(underWay);
  return sent;
}

export function countOutcomes(sent: readonly Sent[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of sent) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

const RUNGS = ['observe', 'slow', 'pause'] as const;

/** What came of the attacker's calls before anything was done, and from each rung to the next. */
export async function outcomesByRung({ platform }: MisuseGround, since: Date, sent: readonly Sent[]) {
  const events = await platform.db.auditEvent.findMany({
    where: { at: { gte: since }, action: { in: ['suspension.started', 'suspension.moved'] } },
    orderBy: { at: 'asc' },
  });
  const reached = RUNGS.flatMap((rung) => {
    const first = events.find(({ details }) => (details as Record<string, string>).state === rung);
    return first ? [{ rung, at: first.at.getTime() }] : [];
  });
  const phases = [{ rung: 'before', at: 0 }, ...reached];
  return phases
    .map(({ rung, at }, number) => {
      const end = phases[number + 1]?.at ?? Number.POSITIVE_INFINITY;
      const during = sent.filter((one) => one.at >= at && one.at < end);
      return `${rung} ${JSON.stringify(countOutcomes(during))}`;
    })
    .join(', ');
}

/** Everything that the watch did, with the second at which it did, from the trail. */
export async function whatWasDone({ platform }: MisuseGround, since: Date): Promise<string[]> {
  const events = await platform.db.auditEvent.findMany({
    where: {
      at: { gte: since },
      action: { in: ['suspension.started', 'suspension.moved', 'alert.opened', 'grant.reuse-detected'] },
    },
    orderBy: { at: 'asc' },
  });
  const seen = new Set<string>();
  return events.flatMap(({ at, action, details }) => {
    const { kind, state, rule, alert } = details as Record<string, string>;
    const what = action === 'alert.opened' ? `alert ${alert}` : state ? `${kind} ${state} (${rule})` : action;
    if (seen.has(what)) return [];
    seen.add(what);
    return [`${what} after ${Math.round((at.getTime() - since.getTime()) / 1000)} s`];
  });
}

/** Clients that something was done to. */
export async function suspendedClients({ platform }: MisuseGround): Promise<string[]> {
  const rows = await platform.db.suspension.findMany({ select: { clientId: true, kind: true } });
  return rows.filter(({ kind }) => kind !== 'grant').map(({ clientId }) => String(clientId));
}

const REAL_SUCCESS = 0.999;

/** What must hold of every misuse: it was noticed in time, honest apps went on, and nobody else was touched. */
export async function judgeMisuse(
  ground: MisuseGround,
  honest: readonly Done[],
  {
    since,
    expected,
    within,
    culprits,
    pause = false,
    only = true,
  }: {
    readonly since: Date;
    /** What must have been done, as whatWasDone says it. */
    readonly expected: readonly string[];
    /** Seconds within which the first of it must have been. */
    readonly within: number;
    readonly culprits: readonly string[];
    /** Whether it must have come to a pause. */
    readonly pause?: boolean;
    readonly only?: boolean;
  },
) {
  const did = await whatWasDone(ground, since);
  const good = honest.filter(({ ok }) => ok).length;
  const hurt = (await suspendedClients(ground)).filter((id) => !culprits.includes(id));
  const violations = [
    ...(pause && !did.some((one) => one.includes(' pause (')) ? ['never paused'] : []),
    ...expected.filter((what) => !did.some((one) => one.startsWith(what))).map((what) => `never: ${what}`),
    ...(good < REAL_SUCCESS * honest.length ? [`honest apps: ${good} of ${honest.length}`] : []),
    ...(only && hurt.length > 0 ? [`${hurt.length} others were suspended`] : []),
  ];
  const [first] = expected;
  const noticed = did.find((one) => first !== undefined && one.startsWith(first));
  const after = Number(noticed?.match(/after (\d+) s$/)?.[1] ?? Number.NaN);
  if (after > within) violations.push(`noticed after ${after} s`);
  return {
    violations,
    seen: {
      done: did.join(', '),
      'honest tasks': `${good} of ${honest.length}`,
      'honest p99 s': short(
        percentile(
          honest.map(({ seconds }) => seconds),
          0.99,
        ),
      ),
    },
  };
}
