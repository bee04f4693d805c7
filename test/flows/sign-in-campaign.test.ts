import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formsOf } from '../support/html.ts';
import { createPerson } from '../support/people.ts';
import { type Answer, startTwoServers, type TwoServers } from '../support/two-servers.ts';
import { PATIENCE } from '../support/patience.ts';

let two: TwoServers;
beforeAll(async () => {
  two = await startTwoServers();
});
afterAll(() => two.stop());

/** One form and its cookie serve every try: the watch must not need cookies. */
async function attacker() {
  const page = await fetch(`${two.issuer}/sign-in`, { headers: { Accept: 'text/html' } });
  const cookie = page.headers.getSetCookie().map((one) => one.split(';', 1)[0]);
  const [form] = formsOf(await page.text()).filter(({ buttons }) =>
    buttons.some(({ text }) => text === 'Sign in'),
  );
  const token = form?.fields.get('form_token') ?? '';
  return (turn: number, email: string, password: string): Promise<Answer> =>
    two.post(
      turn,
      '/sign-in',
      { form_token: token, email, password },
      { Cookie: cookie.join('; '), Accept: 'text/html' },
    );
}

describe('a password that is tried at account after account, at two processes by turns', () => {
  it('is noticed by both within seconds, and strangers wait at both', async () => {
    const attack = await attacker();
    let turn = 0;
    const waits = [false, false];
    while (waits.includes(false)) {
      const { status } = await attack(turn, `leaked${turn}@example.com`, 'autumn in the harbor');
      if (status === 429) waits[turn % 2] = true;
      else expect([422, 503]).toContain(status);
      turn += 1;
      if (status === 503) await sleep(500);
    }
    expect(waits).toEqual([true, true]);
    await expect.poll(() => two.platform.db.alert.count({ where: { kind: 'spraying' } }), PATIENCE).toBe(1);

    // What one process noticed, another that saw nothing of it knows from its start.
    const person = await createPerson(two.platform);
    const answers = [await attack(0, person.email, person.password), await attack(1, person.email, 'wrong')];
    expect(answers.map(({ status }) => status)).toEqual([429, 429]);
  });
});
