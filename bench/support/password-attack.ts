import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Besieged } from './besieged.ts';
import { pathIn } from './besieged.ts';
import { type Browser, filledIn, newBrowser } from './browser.ts';
import type { Answer } from './http.ts';

/** An account's address, a password for it, and where it is tried from. */
export interface Pair {
  readonly email: string;
  readonly password: string;
  readonly address: string;
}

export interface AttackReport {
  readonly seconds: number;
  /** Requests, those that came back after a wait among them. */
  readonly sent: number;
  /** Pairs whose password the server looked at. */
  readonly looked: number;
  /** Pairs that the attacker knows to be right. */
  readonly confirmed: number;
  readonly waits: number;
  readonly busy: number;
  readonly other: number;
  readonly taken: number;
}

/** Requests under way at once. */
const AT_ONCE = 64;
/** Who is told to wait longer than that gives up: a list of pairs is worth less by the hour. */
const PATIENCE_SECONDS = 600;

/**
 * Tries every pair, each from a browser of its own, over `seconds` or as fast as the servers answer. Whoever is told to
 * wait comes back as told, as long as `goesOn` says, and who finds a right password guesses the second factor once.
 */
export async function tryPairs(
  ground: Besieged,
  pairs: readonly Pair[],
  { seconds, goesOn }: { seconds: number; goesOn: () => boolean },
): Promise<AttackReport> {
  const began = performance.now();
  const counts = { sent: 0, looked: 0, confirmed: 0, waits: 0, busy: 0, other: 0, taken: 0 };
  const back: Attempt[] = [];
  const timers = new Set<NodeJS.Timeout>();
  const form = await formOfOneBrowser(ground);
  let next = 0;

  const take = (): Attempt | undefined => {
    const returning = back.shift();
    if (returning) return returning;
    const due = ((performance.now() - began) / 1000 / seconds) * pairs.length;
    const pair = next < Math.min(due, pairs.length) ? pairs[next] : undefined;
    if (!pair) return undefined;
    next += 1;
    const browser = newBrowser(ground.connections, ground.places, pair.address);
    for (const [name, value] of form.cookies) browser.cookies.set(name, value);
    return { pair, browser };
  };
  const comeBack = (attempt: Attempt, after: number) => {
    if (after > PATIENCE_SECONDS) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      back.push(attempt);
    }, after * 1000);
    timers.add(timer);
  };
  const attempt = async (one: Attempt) => {
    counts.sent += 1;
    const { email, password } = one.pair;
    const sent = one.browser.post('/sign-in', { ...form.fields, email, password });
    const answer = await sent.catch(() => undefined);
    if (!answer) return comeBack(one, 1);
    const retry = Number(answer.headers['retry-after']);
    if (answer.status === 429) counts.waits += 1;
    else if (answer.status === 503) counts.busy += 1;
    else if (answer.status === 422) counts.looked += 1;
    else if (pathIn(answer)?.startsWith('/sign-in/')) {
      counts.looked += 1;
      counts.confirmed += 1;
      if (await guessFactor(one.browser)) counts.taken += 1;
    } else counts.other += 1;
    if (retry > 0) comeBack(one, retry);
  };
  const worker = async () => {
    while (goesOn() || next < pairs.length) {
      const one = take();
      if (one) await attempt(one);
      else await sleep(20);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  for (const timer of timers) clearTimeout(timer);
  return { seconds: (performance.now() - began) / 1000, ...counts };
}

interface Attempt {
  readonly pair: Pair;
  readonly browser: Browser;
}

/** The form and its token are read once: an attacker saves requests. */
async function formOfOneBrowser({ connections, places }: Besieged) {
  const browser = newBrowser(connections, places, '198.18.0.1');
  const page = await browser.open('/sign-in');
  return { fields: filledIn(page, 'Sign in', {}), cookies: browser.cookies };
}

async function guessFactor(browser: Browser): Promise<boolean> {
  const page: Answer = await browser.open('/sign-in/second-factor');
  if (page.status !== 200) return false;
  const answer = await browser.post('/sign-in/second-factor', filledIn(page, 'Continue', { code: '123456' }));
  return pathIn(answer) === '/account';
}

/** Seconds until the installation noticed what it is about; undefined until then. */
export function whenNoticed({ platform }: Besieged, kinds: readonly string[]) {
  const began = Date.now();
  const seen = { after: undefined as number | undefined, kind: '' };
  const timer = setInterval(async () => {
    // Notices are of one account or network.
    const where = { kind: { in: [...kinds] }, severity: 'page' };
    const alert = await platform.db.alert.findFirst({ where, orderBy: { openedAt: 'asc' } });
    if (!alert) return;
    clearInterval(timer);
    seen.kind = alert.kind;
    seen.after = (alert.openedAt.getTime() - began) / 1000;
  }, 500);
  return { seen, stop: () => clearInterval(timer) };
}

/** Spread over the world, as rented computers are. */
export function anyAddress(): string {
  return `${randomInt(1, 99)}.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}`;
}
