import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endSuspension } from '../../../src/defense/suspensions/end.ts';
import { startSuspension } from '../../../src/defense/suspensions/start.ts';
import type { RunningServer } from '../../../src/main.ts';
import { secondsAfter } from '../../../src/platform/clock.ts';
import { createPerson, type Person, signInThroughForms } from '../../support/people.ts';
import { startTestServer } from '../../support/server.ts';
import { type Page, Visitor } from '../../support/visitor.ts';
import { OPERATOR } from '../../support/world.ts';

let server: RunningServer;
let person: Person;
let visitor: Visitor;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  person = await createPerson(server.platform);
  visitor = new Visitor(server.url);
});

async function suspend(until?: Date): Promise<string> {
  const note = 'Thousands of <b>invitations</b> were sent.';
  const wish = { kind: 'account', ids: { accountId: person.id }, note, until } as const;
  const started = await startSuspension(server.platform, OPERATOR, wish);
  if (!started.ok) throw new Error(started.sentence);
  return started.suspension.id;
}

const signIn = async () => signInThroughForms(visitor, await visitor.open('/sign-in'), person);
const pathOf = ({ url }: Page) => new URL(url).pathname;

describe('a suspended account', () => {
  it('hears why and until when, after both factors', async () => {
    await suspend(secondsAfter(new Date(), 7200));
    const page = await signIn();
    expect([page.status, pathOf(page)]).toEqual([403, '/suspended-account']);
    expect(page.text).toContain('Thousands of <b>invitations</b> were sent.');
    expect(page.text).toMatch(/It can be used again by itself from \w.*20\d\d/);
  });

  it('says nothing to whoever has the password alone, or nothing', async () => {
    await suspend();
    const { email: Email, password: Password } = person;
    const second = await visitor.submit(await visitor.open('/sign-in'), 'Sign in', { Email, Password });
    expect(pathOf(second)).toBe('/sign-in/second-factor');
    expect(second.text).not.toContain('suspended');
    const wrong = await visitor.submit(await visitor.open('/sign-in'), 'Sign in', {
      Email,
      Password: 'wrong',
    });
    expect(wrong.text).toContain('do not match');
    expect(pathOf(await new Visitor(server.url).open('/suspended-account'))).toBe('/sign-in');
  });

  it('has no session while it lasts, and the same sessions afterwards', async () => {
    expect(pathOf(await signIn())).toBe('/account');
    const id = await suspend();
    const during = await visitor.open('/account');
    expect(pathOf(during)).toBe('/suspended-account');
    expect(during.text).toContain('until the people who run Gatehouse have decided');
    expect(pathOf(await visitor.open('/sign-in'))).toBe('/suspended-account');
    expect((await endSuspension(server.platform, OPERATOR, { id, confirmed: true })).ok).toBe(true);
    expect(pathOf(await visitor.open('/suspended-account'))).toBe('/account');
  });

  it('lets its browser go to another account', async () => {
    await suspend();
    await visitor.submit(await signIn(), 'Sign out');
    person = await createPerson(server.platform);
    expect(pathOf(await signIn())).toBe('/account');
  });
});
