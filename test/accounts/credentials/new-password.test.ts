import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SECOND_FACTOR } from '../../../src/accounts/policy.ts';
import { changeSetting } from '../../../src/audit/change-setting.ts';
import type { RunningServer } from '../../../src/main.ts';
import { BRAND_NAME } from '../../../src/platform/brand/brand.ts';
import { createPerson, signInThroughForms } from '../../support/people.ts';
import { startTestServer } from '../../support/server.ts';
import { type Page, Visitor } from '../../support/visitor.ts';
import { OPERATOR } from '../../support/world.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
afterEach(() => changeSetting(server.platform, OPERATOR, { setting: SECOND_FACTOR, value: 'everybody' }));

async function signUp(password: string): Promise<Page> {
  const visitor = new Visitor(server.url);
  const form = await visitor.open('/sign-up');
  const entries = { Name: 'Anna Berg', Email: 'anna.berg@example.org', Password: password };
  return visitor.submit(form, 'Create account', entries);
}

describe('whoever signs up', () => {
  it.each([
    ['tlq-9xw', 'Use at least 8 characters.'],
    ['Password123!', 'This password is too easy to guess.'],
    ['AnnaBerg1990', 'This password says little more than who you are.'],
    ['gatehouse-anna', 'This password says little more than who you are.'],
  ])('learns why %j is not taken, and keeps what else was typed', async (password, sentence) => {
    const page = await signUp(password);
    expect(page.status).toBe(422);
    expect(page.text).toContain(sentence);
    expect(page.html).toContain('value="anna.berg@example.org"');
    expect(page.html).not.toContain(password);
  });

  it('needs a longer password where it may stand alone, and the page says so', async () => {
    await changeSetting(server.platform, OPERATOR, { setting: SECOND_FACTOR, value: 'optional' });
    const page = await signUp('violet kettle');
    expect(page.text).toContain('Use at least 15 characters.');
    expect(page.text).toContain('At least 15 characters;');
  });

  it('cannot use the name of this service, whatever operators call it', async () => {
    await changeSetting(server.platform, OPERATOR, { setting: BRAND_NAME, value: 'Harborlight' });
    expect((await signUp('Harborlight2026')).text).toContain('who you are');
  });
});

describe('whoever changes a password', () => {
  it.each([
    ['tlq9xw2v', true],
    ['lantern under seven rivers', false],
  ])('to %j gets advice: %s', async (password, advised) => {
    const person = await createPerson(server.platform);
    const visitor = new Visitor(server.url);
    await signInThroughForms(visitor, await visitor.open('/sign-in'), person);
    const form = await visitor.open('/account/sign-in-methods/password');
    const entries = { current_password: person.password, password };
    const page = await visitor.submit(form, 'Save the new password', entries);
    expect(page.status).toBe(200);
    expect(page.text.includes('could be stronger')).toBe(advised);
  });
});
