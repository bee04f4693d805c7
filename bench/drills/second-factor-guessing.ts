import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Besieged, besiege, comeAndGo, pathIn } from '../support/besieged.ts';
import { filledIn, newBrowser } from '../support/browser.ts';
import { conclude } from '../support/drill.ts';
import type { Person } from '../support/people.ts';
import { anyAddress, whenNoticed } from '../support/password-attack.ts';
import { secondsAt } from '../support/siege-verdict.ts';

/**
 * Somebody has the right passwords of 40 accounts and guesses their one-time codes at two server processes, from a new
 * address and browser for each half session, as fast as he is let. Meanwhile people sign in. `guessing` shows how far a
 * whole day would bring him. `node bench/drills/second-factor-guessing.ts [--accounts N] [--people N] [--seconds N] [--json file]`
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      accounts: { type: 'string', default: '40' },
      people: { type: 'string', default: '100' },
      seconds: { type: 'string', default: '60' },
      json: { type: 'string' },
    },
  });
  const [accounts, people, seconds] = [
    Number(values.accounts),
    Number(values.people),
    Number(values.seconds),
  ];
  const began = performance.now();
  const ground = await besiege({ people, victims: accounts });
  try {
    const noticed = whenNoticed(ground, ['second-factor-guessing']);
    const until = performance.now() + seconds * 1000;
    const guessing = Promise.all(ground.victims.map((victim) => guessAt(ground, victim, until)));
    const came = await comeAndGo(ground.people, seconds);
    const attacks = await guessing;
    noticed.stop();
    const verdict = await judge(ground, { attacks, came, noticed: noticed.seen.after });
    conclude({
      name: 'second-factor-guessing',
      began,
      setting: { accounts, people },
      ...verdict,
      json: values.json,
    });
  } finally {
    await ground.close();
  }
}

const WITHIN = 60;
/** Guesses at one account that reach verification in an hour: five free ones, then after 1, 2, 4 … seconds. */
const MOST_GUESSES = 17;

interface Guesses {
  sent: number;
  verified: number;
  delayed: number;
  taken: number;
}

/** One half session after the other; each guesses until it is told to wait, and goes on as told. */
async function guessAt({ connections, places }: Besieged, victim: Person, until: number): Promise<Guesses> {
  const guesses = { sent: 0, verified: 0, delayed: 0, taken: 0 };
  const left = () => until - performance.now();
  while (left() > 0) {
    const browser = newBrowser(connections, places, anyAddress());
    const { email, password } = victim;
    let half = await browser.post(
      '/sign-in',
      filledIn(await browser.open('/sign-in'), 'Sign in', { email, password }),
    );
    if (half.status === 429) {
      await sleep(Math.min(left(), Number(half.headers['retry-after']) * 1000));
      if (left() <= 0) break;
      half = await browser.post(
        '/sign-in',
        filledIn(await browser.open('/sign-in'), 'Sign in', { email, password }),
      );
    }
    if (pathIn(half) !== '/sign-in/second-factor') {
      await sleep(1000);
      continue;
    }
    for (let number = 0; number < 10 && left() > 0; number += 1) {
      const page = await browser.open('/sign-in/second-factor');
      const code = String(randomInt(1_000_000)).padStart(6, '0');
      const answer = await browser.post('/sign-in/second-factor', filledIn(page, 'Continue', { code }));
      guesses.sent += 1;
      if (answer.status === 422) guesses.verified += 1;
      if (pathIn(answer) === '/account') guesses.taken += 1;
      if (answer.status === 429) {
        guesses.delayed += 1;
        await sleep(Math.max(0, Math.min(left(), Number(answer.headers['retry-after']) * 1000)));
      }
    }
  }
  return guesses;
}

async function judge(
  { platform, victims }: Besieged,
  found: {
    attacks: readonly Guesses[];
    came: Awaited<ReturnType<typeof comeAndGo>>;
    noticed: number | undefined;
  },
) {
  const { attacks, came, noticed } = found;
  const total = (what: keyof Guesses) => attacks.reduce((sum, guesses) => sum + guesses[what], 0);
  const most = Math.max(...attacks.map(({ verified }) => verified));
  const known = came.filter(({ way }) => way !== 'new device');
  const [arrived, held] = [came.filter(({ ok }) => ok).length, known.filter(({ waits }) => waits > 0).length];
  const letters = await platform.db.auditEvent.count({
    where: { action: 'second-factor.failed', details: { path: ['letter'], equals: true } },
  });
  const demands: [boolean, string][] = [
    [noticed !== undefined && noticed <= WITHIN, `noticed after ${noticed} s`],
    [total('taken') === 0, `${total('taken')} accounts taken`],
    [most <= MOST_GUESSES, `${most} guesses at one account were verified`],
    [letters === victims.length, `${letters} of ${victims.length} owners were told`],
    [arrived >= came.length * 0.999, `only ${arrived} of ${came.length} people got in`],
    [held === 0, `${held} people on known browsers or with passkeys had to wait`],
  ];
  const seen = {
    'noticed after, s': noticed === undefined ? 'never' : noticed.toFixed(1),
    'codes guessed': total('sent'),
    'told to wait': total('delayed'),
    'codes verified': total('verified'),
    'of one account at most': most,
    'accounts taken': total('taken'),
    'owners told': letters,
    'people in': `${arrived} of ${came.length}`,
    'known or passkey told to wait': held,
    'known or passkey, s p99': secondsAt(known, 0.99),
  };
  return { seen, violations: demands.filter(([holds]) => !holds).map(([, otherwise]) => otherwise) };
}

await main();
