import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { newPerson } from '../../test/support/world.ts';
import { conclude } from '../support/drill.ts';
import type { Call } from '../support/http.ts';
import {
  callAs,
  honestWork,
  type MisuseGround,
  openMisuseGround,
  suspendedClients,
} from '../support/misuse-ground.ts';

const AT_ONCE = 32;
const ADDRESSES = 5_000;

/**
 * Many requests from five thousand addresses name honest apps, their API and a person, and prove nothing. Meanwhile the
 * apps work: as many of their requests fail as before, none, and nothing is suspended. `--requests 1000000` for all of it.
 * `node bench/drills/named-victim.ts [--requests N] [--json file]`
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { requests: { type: 'string', default: '20000' }, json: { type: 'string' } },
  });
  const requests = Number(values.requests);
  const began = performance.now();
  const ground = await openMisuseGround();
  const violations: string[] = [];
  let seen: Record<string, number | string> = {};
  try {
    const calls = await callsThatName(ground);
    const before = await workDuring(ground, () => sleep(10_000));
    const statuses: Record<string, number> = {};
    const during = await workDuring(ground, () => flood(ground, calls, requests, statuses));
    const failed = during.filter(({ ok }) => !ok).length;
    seen = {
      'tasks before': before.length,
      'tasks during': during.length,
      failed,
      answers: JSON.stringify(statuses),
    };
    if (failed > 0 || before.some(({ ok }) => !ok))
      violations.push(`${failed} of ${during.length} tasks failed`);
    const suspended = await suspendedClients(ground);
    if (suspended.length > 0) violations.push(`${suspended.length} clients were suspended`);
  } finally {
    await ground.close();
  }
  conclude({ name: 'named-victim', began, setting: { requests }, seen, violations, json: values.json });
}

/** All that can be sent in the name of an app, an API or a person by who only knows what they are called. */
async function callsThatName(ground: MisuseGround): Promise<Call[]> {
  const person = await newPerson(ground.platform);
  const ask = { grant_type: 'client_credentials' };
  const signIn = new URLSearchParams({ email: person.email, password: 'a guess' });
  const token = { token: 'gate_access_guessed' };
  return ground.honest.flatMap(({ clientId }) => [
    callAs({ clientId, secret: '' }, '/token', ask),
    callAs({ clientId, secret: 'a guess' }, '/token', ask),
    callAs({ clientId, secret: 'a guess' }, '/token/revocation', token),
    callAs({ clientId: ground.api.clientId, secret: 'a guess' }, '/token/introspection', token),
    { method: 'GET', path: `/authorize?client_id=${clientId}&response_type=code&scope=openid` },
    { method: 'POST', path: '/sign-in', form: `${signIn}` },
  ]);
}

async function workDuring(ground: MisuseGround, what: () => Promise<unknown>) {
  const work = honestWork(ground);
  await what();
  await work.stop();
  return work.done;
}

async function flood(
  ground: MisuseGround,
  calls: readonly Call[],
  requests: number,
  statuses: Record<string, number>,
): Promise<void> {
  let sent = 0;
  const worker = async () => {
    while (sent < requests) {
      const number = sent;
      sent += 1;
      const from = `203.0.${Math.floor((number % ADDRESSES) / 250)}.${number % 250}`;
      const { status } = await ground.send(calls[number % calls.length] as Call, from);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

await main();
