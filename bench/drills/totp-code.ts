import { setTimeout as sleep } from 'node:timers/promises';
import { type Page, Visitor } from '../../test/support/visitor.ts';
import { codeOf, type Person } from '../../test/support/world.ts';
import { type DrillGround, type Observation, runDrill, TRIES } from '../support/drill.ts';
import type { Answer, Call } from '../support/http.ts';
import { newPerson } from '../support/seed.ts';
import { many } from '../support/tokens.ts';

/** A code is good for one success in thirty seconds, so the rounds take turns among this many people. */
const MOST_ACCOUNTS = 20;
const STEP_MS = 30_000;
const SESSION = 'gatehouse_session';

/** One one-time code, entered in many half sessions of one account at once: exactly one gets in (RFC 6238 §5.2). */
await runDrill({
  name: 'one-time code',
  rounds: 200,
  async prepare(ground, rounds) {
    const accounts: Account[] = [];
    for (let number = 0; number < Math.min(rounds, MOST_ACCOUNTS); number += 1) {
      const person = await newPerson(ground.installation, `guest-${number}`);
      accounts.push({ person, halves: [], lastStep: 0 });
    }
    await many(accounts.length, (index) => fill(ground, accounts[index] as Account));
    return (round) => oneCode(ground, accounts[round % accounts.length] as Account);
  },
});

interface Account {
  readonly person: Person;
  /** Browsers that have proven the password and stand before the form for the code. */
  readonly halves: Half[];
  /** The 30-second step of the code that was used last. */
  lastStep: number;
}

interface Half {
  readonly visitor: Visitor;
  readonly form: Page;
}

/** One browser after the other: parallel tries at one password are slowed down, as they should be. */
async function fill(ground: DrillGround, account: Account): Promise<void> {
  while (account.halves.length < TRIES) await addHalf(account, new Visitor(siteOf(ground)));
}

async function addHalf({ person, halves }: Account, visitor: Visitor): Promise<void> {
  const { email, password } = person;
  const page = await visitor.open('/sign-in');
  const form = await visitor.submit(page, 'Sign in', { Email: email, Password: password });
  if (!form.url.includes('/sign-in/second-factor')) throw new Error(`no second factor: ${form.text}`);
  halves.push({ visitor, form });
}

async function oneCode(ground: DrillGround, account: Account): Promise<Observation> {
  const { person, halves } = account;
  await untilNextStep(account);
  const code = await codeOf(person);
  const answers = await ground.volley(halves.map((half) => enter(half, code)));
  const winners = answers.flatMap((answer, index) => (gotIn(answer) ? [index] : []));
  const refused = answers.filter(({ status }) => status === 422).length;
  const delayed = answers.filter(({ status }) => status === 429).length;
  const violations: string[] = [];
  if (winners.length !== 1) violations.push(`${winners.length} of ${TRIES} got in with one code`);
  if (winners.length + refused + delayed !== TRIES)
    violations.push('an answer was neither session nor refusal');
  // Whoever got in signs in again: that browser is known now and has tries of its own, so the race grows.
  for (const index of winners.toReversed()) {
    const [winner] = halves.splice(index, 1);
    winner?.visitor.cookies.set(siteOf(ground), SESSION, undefined);
    if (winner) await addHalf(account, winner.visitor);
  }
  return { seen: { 'got in': winners.length, refused, 'told to wait': delayed }, violations };
}

function siteOf({ target }: DrillGround): string {
  return `http://${target.place.host}`;
}

async function untilNextStep(account: Account): Promise<void> {
  const step = () => Math.floor(Date.now() / STEP_MS);
  while (step() <= account.lastStep) await sleep(STEP_MS - (Date.now() % STEP_MS) + 20);
  account.lastStep = step();
}

function enter({ visitor, form }: Half, code: string): Call {
  const fields = new Map(form.forms[0]?.fields).set('code', code);
  const url = new URL(form.url);
  return {
    method: 'POST',
    path: url.pathname + url.search,
    headers: { cookie: visitor.cookies.headerFor(url) },
    form: `${new URLSearchParams([...fields])}`,
  };
}

/** A completed session: a redirect that sets the session's cookie. */
function gotIn({ status, headers }: Answer): boolean {
  const set = headers['set-cookie']?.some((cookie) => cookie.startsWith(`${SESSION}=gate_session_`)) ?? false;
  return status === 303 && set;
}
