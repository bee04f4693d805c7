import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { setObligations } from '../../src/accounts/obligations.ts';
import { SECOND_FACTOR, shortestPassword } from '../../src/accounts/policy.ts';
import { changeSetting } from '../../src/audit/change-setting.ts';
import type { RunningServer } from '../../src/main.ts';
import { createPerson, type Person, type PersonInput } from '../support/people.ts';
import { startTestServer } from '../support/server.ts';
import { type Page, Visitor } from '../support/visitor.ts';
import { OPERATOR } from '../support/world.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
afterEach(() => decide('everybody'));

function decide(value: 'everybody' | 'members' | 'optional'): Promise<void> {
  return changeSetting(server.platform, OPERATOR, { setting: SECOND_FACTOR, value });
}

async function signInWithPassword(input: PersonInput): Promise<{ page: Page; person: Person }> {
  const person = await createPerson(server.platform, input);
  const visitor = new Visitor(server.url);
  const form = await visitor.open('/sign-in');
  const page = await visitor.submit(form, 'Sign in', { Email: person.email, Password: person.password });
  return { page, person };
}

async function strengthOfSession({ id: accountId }: Person): Promise<unknown> {
  const rows = await server.platform.db.browserSession.findMany({ where: { accountId } });
  return rows.map(({ acr, amr, completedAt }) => [acr, amr.join(' '), completedAt !== null]);
}

describe('the second factor', () => {
  it('is demanded of everybody by default: who has none sets one up', async () => {
    const { page } = await signInWithPassword({ totp: false });
    expect(new URL(page.url).pathname).toBe('/sign-in/authenticator');
  });

  it('is left to the person where it is optional, and the session says so', async () => {
    await decide('optional');
    const { page, person } = await signInWithPassword({ totp: false });
    expect(new URL(page.url).pathname).toBe('/account');
    expect(await strengthOfSession(person)).toEqual([['aal1', 'pwd', true]]);
  });

  it('is asked of whoever has one, optional or not', async () => {
    await decide('optional');
    const { page } = await signInWithPassword({ totp: true });
    expect(new URL(page.url).pathname).toBe('/sign-in/second-factor');
  });

  it('is always demanded of operators', async () => {
    await decide('optional');
    const { page } = await signInWithPassword({ totp: false, operator: true });
    expect(new URL(page.url).pathname).toBe('/sign-in/authenticator');
  });

  it('is demanded of members of organizations where policy says members', async () => {
    await decide('members');
    const { page: alone } = await signInWithPassword({ totp: false });
    expect(new URL(alone.url).pathname).toBe('/account');
    const person = await createPerson(server.platform, { totp: false });
    const demands = [{ accountId: person.id, kind: 'second-factor' as const }];
    await setObligations(server.platform, OPERATOR, { source: 'organization:test', demands });
    const visitor = new Visitor(server.url);
    const form = await visitor.open('/sign-in');
    const page = await visitor.submit(form, 'Sign in', { Email: person.email, Password: person.password });
    expect(new URL(page.url).pathname).toBe('/sign-in/authenticator');
  });
});

describe('a password', () => {
  it.each([
    ['everybody', 8],
    ['members', 15],
    ['optional', 15],
  ] as const)('has, with the second factor for %s, at least %d characters', async (policy, length) => {
    await decide(policy);
    expect(shortestPassword(server.platform)).toBe(length);
  });
});
