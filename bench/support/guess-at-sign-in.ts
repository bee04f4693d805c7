import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RealPerson } from './besieged.ts';
import { filledIn, newBrowser } from './browser.ts';
import type { Statuses } from './flood.ts';
import type { MisuseGround } from './misuse-ground.ts';
import { anyAddress } from './password-attack.ts';

const LOOPS = 8;
const PAUSE_MS = 20;
/** Posts with one form: reading the page for each would only be slower. */
const POSTS_A_FORM = 2_000;

/**
 * Until told to stop, wrong passwords for these people with a valid form, each from a browser nobody knows: half of them
 * from everywhere, half from the address where the person is. Takes no notice of being told to wait.
 */
export function guessAtSignIn({ connections, places }: MisuseGround, people: readonly RealPerson[]) {
  const statuses: Statuses = {};
  let [going, sent] = [true, 0];
  const readForm = async () => {
    const browser = newBrowser(connections, places, anyAddress());
    for (;;) {
      const page = await browser.open('/sign-in');
      if (page.status === 200) return { fields: filledIn(page, 'Sign in', {}), cookies: browser.cookies };
      await sleep(1_000);
    }
  };
  const guess = async (form: Awaited<ReturnType<typeof readForm>>) => {
    const number = sent++;
    const { person, home } = people[number % people.length] as RealPerson;
    const from = Math.floor(number / people.length) % 2 === 0 ? home : anyAddress();
    const browser = newBrowser(connections, places, from);
    for (const [name, value] of form.cookies) browser.cookies.set(name, value);
    const fields = { ...form.fields, email: person.email, password: randomBytes(12).toString('base64url') };
    const status = await browser.post('/sign-in', fields).then(
      (answer) => answer.status,
      () => 'broken',
    );
    statuses[status] = (statuses[status] ?? 0) + 1;
  };
  const loops = Array.from({ length: LOOPS }, async () => {
    while (going) {
      const form = await readForm();
      for (let post = 0; going && post < POSTS_A_FORM; post += 1) {
        await guess(form);
        await sleep(PAUSE_MS);
      }
    }
  });
  return {
    async stop(): Promise<Statuses> {
      going = false;
      await Promise.all(loops);
      return statuses;
    },
  };
}
