import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { raiseCampaign } from '../../src/defense/sign-in-watch/campaign.ts';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import { newCrowd } from '../support/crowd.ts';
import { conclude } from '../support/drill.ts';
import { type Answer, type Connections, openConnections } from '../support/http.ts';
import { newInstallation } from '../support/installation.ts';
import { anyAddress } from '../support/password-attack.ts';
import { areaUnderCurve, median, short } from '../support/statistics.ts';

/**
 * Whether the time an answer takes tells if an address has an account: sign-in with a wrong password, sign-up and the
 * request for a new password, each for a thousand addresses with and a thousand without an account, one after the
 * other in random order. The best threshold on the time must not tell them apart: the area under its curve (AUC) stays
 * under 0.55. `node bench/drills/timing.ts [--samples N] [--only flow] [--json file]`
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      samples: { type: 'string', default: '1000' },
      only: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const samples = Number(values.samples);
  const began = performance.now();
  const installation = await newInstallation({ TRUST_PROXY: '1' });
  try {
    const { place } = await installation.startProcess();
    const known = (await newCrowd(installation, samples)).map(({ email }) => email);
    const connections = openConnections(place, 1);
    const platform = await installation.openPlatform();
    const seen: Record<string, string> = {};
    const violations: string[] = [];
    for (const flow of FLOWS.filter(({ name }) => values.only === undefined || name === values.only)) {
      const watch = await holdWatch(platform, flow);
      const times = await measure(connections, flow, known).finally(watch.stop);
      const auc = areaUnderCurve(times.known, times.unknown);
      const told = Math.max(auc, 1 - auc);
      seen[flow.name] =
        `AUC ${told.toFixed(3)} (medians ${short(median(times.known))} and ${short(median(times.unknown))} ms)`;
      if (told >= MOST_TOLD) violations.push(`${flow.name}: AUC ${told.toFixed(3)}`);
      process.stderr.write(`${flow.name}: ${seen[flow.name]}\n`);
    }
    connections.close();
    await platform.close();
    conclude({ name: 'timing', began, setting: { samples }, seen, violations, json: values.json });
  } finally {
    await installation.close();
  }
}

const MOST_TOLD = 0.55;
const WARMING_UP = 100;

interface Flow {
  readonly name: string;
  readonly path: string;
  readonly status: number;
  fields(email: string): Readonly<Record<string, string>>;
}

const FLOWS: readonly Flow[] = [
  {
    name: 'sign-in',
    path: '/sign-in',
    status: 422,
    fields: (email) => ({ email, password: `some other password ${randomInt(1e9)}` }),
  },
  {
    name: 'sign-in-that-waits',
    path: '/sign-in',
    status: 429,
    fields: (email) => ({ email, password: `some other password ${randomInt(1e9)}` }),
  },
  {
    name: 'sign-up',
    path: '/sign-up',
    status: 303,
    fields: (email) => ({ email, name: 'Somebody Else', password: 'seven lanterns over the harbor' }),
  },
  { name: 'password-reset', path: '/password-reset', status: 303, fields: (email) => ({ email }) },
];

/** So many failures are a campaign. It is forgotten as it comes where passwords are looked at, and kept up where they wait. */
async function holdWatch(platform: OpenPlatform, { status }: Flow) {
  const hold = async () => {
    if (status === 429) return raiseCampaign(platform, 'stuffing', {});
    await platform.db.signalCount.deleteMany();
    await platform.db.signalMember.deleteMany();
    await platform.db.alert.deleteMany();
  };
  await hold();
  await sleep(2_500);
  const timer = setInterval(() => void hold(), 700);
  return { stop: () => clearInterval(timer) };
}

/** Milliseconds per answer. Every address is asked about once, so that no counter slows anything down. */
async function measure(connections: Connections, flow: Flow, known: readonly string[]) {
  const ask = await asking(connections, flow);
  for (let number = 0; number < WARMING_UP; number += 1)
    await ask(`warm-${flow.name}-${number}@bench.example`);
  const times: { known: number[]; unknown: number[] } = { known: [], unknown: [] };
  const questions = known.flatMap((email, index) => [
    { email, kind: 'known' as const },
    // As long as the others, so that nothing but the account differs.
    { email: `ghost-${index}@bench.example`, kind: 'unknown' as const },
  ]);
  for (const { email, kind } of shuffled(questions)) times[kind].push(await ask(email));
  return times;
}

/** The form is opened once: its token is the browser's, and no other cookie is sent, so each answer is to a stranger. */
async function asking(connections: Connections, { path, status, fields }: Flow) {
  const page = await connections.send({ method: 'GET', path });
  const token = /name="form_token" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
  const cookie = formCookieOf(page);
  return async (email: string): Promise<number> => {
    const form = `${new URLSearchParams({ form_token: token, ...fields(email) })}`;
    const headers = { cookie, 'x-forwarded-for': anyAddress() };
    const sent = performance.now();
    const answer = await connections.send({ method: 'POST', path, headers, form });
    const took = performance.now() - sent;
    if (answer.status !== status)
      throw new Error(`${path} answered ${answer.status}: ${answer.text.slice(0, 300)}`);
    return took;
  };
}

function formCookieOf({ headers }: Answer): string {
  return (headers['set-cookie'] ?? []).map((cookie) => cookie.split(';', 1)[0]).join('; ');
}

function shuffled<T>(values: readonly T[]): T[] {
  const order = [...values];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1);
    [order[last], order[other]] = [order[other] as T, order[last] as T];
  }
  return order;
}

await main();
