import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { newPerson } from '../../test/support/world.ts';
import { type RealPerson, settle, type SignedIn } from '../support/besieged.ts';
import { conclude } from '../support/drill.ts';
import { flood, type Statuses } from '../support/flood.ts';
import { guessAtSignIn } from '../support/guess-at-sign-in.ts';
import type { Call } from '../support/http.ts';
import {
  callAs,
  honestWork,
  type MisuseGround,
  openMisuseGround,
  suspendedClients,
} from '../support/misuse-ground.ts';

const ADDRESSES = 5_000;
const THREADS = 2;
const AT_ONCE = 16;

/** Seconds between two sign-ins of a person: a one-time code gets in once. */
const EVERY_SECONDS = 35;
const WAYS = ['known browser', 'known browser', 'known browser', 'passkey', 'passkey'] as const;

/**
 * Many requests from five thousand addresses name honest apps and their API and prove nothing; wrong passwords, with
 * valid forms, name people, from everywhere and from the very address the person is at. Meanwhile the apps work and the
 * people sign in, on browsers they used before and with passkeys: it must go as before, nobody is told to wait, and
 * nothing is suspended. `node bench/drills/named-victim.ts [--requests 1000000] [--calm seconds] [--json file]`
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      requests: { type: 'string', default: '20000' },
      calm: { type: 'string', default: '40' },
      json: { type: 'string' },
    },
  });
  const [requests, calm] = [Number(values.requests), Number(values.calm)];
  const began = performance.now();
  const ground = await openMisuseGround();
  try {
    const people: RealPerson[] = [];
    for (const [number, way] of WAYS.entries()) {
      const someone = { person: await newPerson(ground.platform), way, home: `100.66.${number}.10` };
      people.push(await settle(ground.platform, someone, ground));
    }
    const before = await lifeDuring(ground, people, () => sleep(calm * 1000));
    const attack = { seconds: 0, sent: 0, answers: {} as Statuses, guesses: {} as Statuses };
    const during = await lifeDuring(ground, people, async () => {
      const from = performance.now();
      const guesses = guessAtSignIn(ground, people);
      const order = { calls: callsThatName(ground), places: ground.places, addresses: ADDRESSES };
      attack.answers = await flood({ ...order, requests, atOnce: AT_ONCE }, THREADS);
      attack.guesses = await guesses.stop();
      attack.seconds = Math.round((performance.now() - from) / 1000);
      attack.sent = total(attack.answers) + total(attack.guesses);
    });
    const suspended = await suspendedClients(ground);
    const violations = [
      ...faultsOf(before, 'before'),
      ...faultsOf(during, 'during'),
      ...(attack.sent < requests ? [`only ${attack.sent} requests were sent`] : []),
      ...(suspended.length > 0 ? [`${suspended.length} clients were suspended`] : []),
    ];
    conclude({
      ...{ name: 'named-victim', began, setting: { requests }, violations, json: values.json },
      seen: {
        'requests sent': attack.sent,
        'in s': attack.seconds,
        answers: JSON.stringify(attack.answers),
        'sign-ins guessed': JSON.stringify(attack.guesses),
        'apps before': working(before.work),
        'apps during': working(during.work),
        'sign-ins before': arrived(before.signIns),
        'sign-ins during': arrived(during.signIns),
      },
    });
  } finally {
    await ground.close();
  }
}

/** All that can be sent in the name of an app or an API by who only knows what they are called. */
function callsThatName(ground: MisuseGround): Call[] {
  const ask = { grant_type: 'client_credentials' };
  const token = { token: 'gate_access_guessed' };
  return ground.honest.flatMap(({ clientId }) => [
    callAs({ clientId, secret: '' }, '/token', ask),
    callAs({ clientId, secret: 'a guess' }, '/token', ask),
    callAs({ clientId, secret: 'a guess' }, '/token/revocation', token),
    callAs({ clientId, secret: 'a guess' }, '/token/introspection', token),
    callAs({ clientId: ground.api.clientId, secret: 'a guess' }, '/token/introspection', token),
    { method: 'GET', path: `/authorize?client_id=${clientId}&response_type=code&scope=openid` },
    { method: 'GET', path: '/userinfo', headers: { authorization: 'Bearer gate_access_guessed' } },
  ]);
}

interface Life {
  readonly work: readonly { readonly ok: boolean }[];
  readonly signIns: readonly SignedIn[];
}

/** What the apps and the people did meanwhile, and whether it worked. */
async function lifeDuring(
  ground: MisuseGround,
  people: readonly RealPerson[],
  what: () => Promise<unknown>,
): Promise<Life> {
  const work = honestWork(ground);
  const signIns: SignedIn[] = [];
  let going = true;
  const lives = people.map(async ({ signIn }, number) => {
    await sleep((number * EVERY_SECONDS * 1000) / people.length);
    while (going) {
      signIns.push(await signIn());
      for (let waited = 0; going && waited < EVERY_SECONDS; waited += 1) await sleep(1_000);
    }
  });
  await what();
  going = false;
  await Promise.all([work.stop(), ...lives]);
  return { work: work.done, signIns };
}

function faultsOf({ work, signIns }: Life, when: string): string[] {
  const failed = work.filter(({ ok }) => !ok).length;
  const lost = signIns.filter(({ ok, waits, busy }) => !ok || waits > 0 || busy > 0).length;
  return [
    ...(failed > 0 ? [`${failed} of ${work.length} tasks failed ${when}`] : []),
    ...(lost > 0 ? [`${lost} of ${signIns.length} sign-ins were held up ${when}`] : []),
  ];
}

function working(work: Life['work']): string {
  return `${work.filter(({ ok }) => ok).length} of ${work.length}`;
}

function arrived(signIns: readonly SignedIn[]): string {
  const sum = (of: (one: SignedIn) => number) => signIns.reduce((so, one) => so + of(one), 0);
  const slowest = Math.max(0, ...signIns.map(({ seconds }) => seconds)).toFixed(1);
  const held = `told to wait ${sum(({ waits }) => waits)}, busy ${sum(({ busy }) => busy)}`;
  return `${signIns.filter(({ ok }) => ok).length} of ${signIns.length} (${held}, slowest ${slowest} s)`;
}

function total(statuses: Statuses): number {
  return Object.values(statuses).reduce((so, count) => so + count, 0);
}

await main();
