import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { codeAt } from '../../test/support/people.ts';
import { type Page, Visitor } from '../../test/support/visitor.ts';
import { createPerson } from '../support/crowd.ts';
import { conclude } from '../support/drill.ts';
import type { Person } from '../support/people.ts';
import { type ShiftedServer, startShiftedServer } from '../support/shifted-server.ts';

/**
 * A day of guessing in simulated time, from a new address and an unknown browser each time. One account is attacked
 * by somebody who knows its password and guesses the second factor, by one-time and by recovery codes; another by
 * somebody who guesses the password. At most a hundred guesses reach the verification of each, and all day long the
 * owners sign in from their own browser, every time. `node bench/drills/guessing.ts [--hours N] [--json file]`
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { hours: { type: 'string', default: '24' }, json: { type: 'string' } },
  });
  const hours = Number(values.hours);
  const began = performance.now();
  // It goes over midnight (UTC), where the counters of one day end and those of the next begin.
  const server = await startShiftedServer('2026-11-20T15:00:00.000Z');
  try {
    const [factors, passwords] = [await victim(server, 'factors'), await victim(server, 'passwords')];
    for (let minute = 0; minute < hours * 60; minute += 1) {
      if (minute % RENEWED_EVERY === 0) await factors.attack.renew();
      await Promise.all([factors.attack.guessFactor(), passwords.attack.guessPassword()]);
      if (minute % OWNER_EVERY === 0) await Promise.all([factors.signIn(), passwords.signIn()]);
      server.clock.forward(60);
    }
    conclude({
      name: 'guessing',
      began,
      setting: { hours },
      json: values.json,
      ...(await judge(server, factors, passwords)),
    });
  } finally {
    await server.stop();
  }
}

/** Minutes. Guesses are sent five at once, each minute, from half sessions that live for a quarter of an hour. */
const RENEWED_EVERY = 10;
const OWNER_EVERY = 15;
const AT_ONCE = 5;
const MOST_A_DAY = 100;

type Victim = Awaited<ReturnType<typeof victim>>;

async function victim(server: ShiftedServer, name: string) {
  const person = await createPerson(server.platform, name);
  const browser = new Visitor(server.url);
  const owner = { signedIn: 0, refused: 0 };
  const signIn = async () => {
    browser.cookies.set(server.url, 'gatehouse_session', undefined);
    const page = await signInFrom(server, browser, person);
    if (new URL(page.url).pathname === '/account') owner.signedIn += 1;
    else owner.refused += 1;
  };
  await signIn();
  server.clock.forward(60);
  return { person, owner, signIn, attack: attackOn(server, person) };
}

async function signInFrom(server: ShiftedServer, browser: Visitor, person: Person): Promise<Page> {
  const half = await passwordFrom(browser, person.email, person.password, OWN_ADDRESS);
  if (!half.url.includes('/sign-in/second-factor')) return half;
  const code = codeAt(person.seed, server.clock.now());
  return browser.submit(half, 'Continue', { code }, from(OWN_ADDRESS));
}

async function passwordFrom(
  browser: Visitor,
  email: string,
  password: string,
  address: string,
): Promise<Page> {
  const form = await browser.open('/sign-in', from(address));
  return browser.submit(form, 'Sign in', { email, password }, from(address));
}

function attackOn(server: ShiftedServer, person: Person) {
  const tries = { sent: 0, reached: 0, delayed: 0, other: 0, broken: 0 };
  let halves: { browser: Visitor; otp: Page; recovery: Page; address: string }[] = [];
  const count = ({ status, url }: Page) => {
    tries.sent += 1;
    if (new URL(url).pathname === '/account') tries.broken += 1;
    else if (status === 422) tries.reached += 1;
    else if (status === 429) tries.delayed += 1;
    else tries.other += 1;
  };
  return {
    tries,
    /** The attacker signs in with the known password, from as many new browsers as guess at once. */
    async renew() {
      halves = [];
      for (let number = 0; number < AT_ONCE; number += 1) {
        const [browser, address] = [new Visitor(server.url), newAddress()];
        const otp = await passwordFrom(browser, person.email, person.password, address);
        if (!otp.url.includes('/sign-in/second-factor')) throw new Error(`no second factor: ${otp.text}`);
        halves.push({
          browser,
          otp,
          address,
          recovery: await browser.open('/sign-in/recovery-code', from(address)),
        });
      }
    },
    async guessFactor() {
      const guesses = halves.map(({ browser, otp, recovery, address }, index) =>
        index % 2 === 0
          ? browser.submit(otp, 'Continue', { code: digits(6) }, from(address))
          : browser.submit(recovery, 'Continue', { code: letters(24) }, from(address)),
      );
      for (const page of await Promise.all(guesses)) count(page);
    },
    async guessPassword() {
      const guesses = Array.from({ length: AT_ONCE }, () =>
        passwordFrom(new Visitor(server.url), person.email, `guess ${letters(12)}`, newAddress()),
      );
      for (const page of await Promise.all(guesses)) count(page);
    },
  };
}

/** What the attackers saw, and what the audit trail says of it. */
async function judge(server: ShiftedServer, factors: Victim, passwords: Victim) {
  const recorded = (action: string, { person }: Victim) =>
    server.platform.db.auditEvent.count({ where: { action, targetId: person.id } });
  const reached = {
    'second factor': Math.max(factors.attack.tries.reached, await recorded('second-factor.failed', factors)),
    password: Math.max(passwords.attack.tries.reached, await recorded('sign-in.failed', passwords)),
  };
  const violations = Object.entries(reached)
    .filter(([, count]) => count > MOST_A_DAY)
    .map(([factor, count]) => `${count} guesses at the ${factor} were verified`);
  for (const [name, { owner, attack }] of Object.entries({ factors, passwords })) {
    if (owner.refused > 0) violations.push(`the owner was refused ${owner.refused} times (${name})`);
    if (attack.tries.broken > 0) violations.push(`${attack.tries.broken} guesses got in (${name})`);
    if (attack.tries.other > 0) violations.push(`${attack.tries.other} guesses got another answer (${name})`);
  }
  const seen = {
    'second factor guessed': factors.attack.tries.sent,
    'of that verified': reached['second factor'],
    'password guessed': passwords.attack.tries.sent,
    'of these verified': reached.password,
    'owners signed in': factors.owner.signedIn + passwords.owner.signedIn,
    'owners refused': factors.owner.refused + passwords.owner.refused,
  };
  return { seen, violations };
}

const OWN_ADDRESS = '198.51.100.7';

function newAddress(): string {
  return `203.0.${randomInt(256)}.${randomInt(1, 255)}`;
}

function from(address: string) {
  return { headers: { 'X-Forwarded-For': address } };
}

function digits(count: number): string {
  return Array.from({ length: count }, () => randomInt(10)).join('');
}

function letters(count: number): string {
  return Array.from({ length: count }, () => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[randomInt(32)]).join('');
}

await main();
