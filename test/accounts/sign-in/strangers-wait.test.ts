import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { followCampaign, raiseCampaign } from '../../../src/defense/sign-in-watch/campaign.ts';
import { watchSignIns } from '../../../src/defense/sign-in-watch/watch-sign-ins.ts';
import type { RunningServer } from '../../../src/main.ts';
import { clockAt } from '../../support/clock.ts';
import { createPerson, type Person, signInThroughForms } from '../../support/people.ts';
import { startTestServer } from '../../support/server.ts';
import { type Page, Visitor } from '../../support/visitor.ts';

const clock = clockAt();
let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer({ clock, trustProxy: { hops: 1 } });
});
afterAll(() => server.stop());

let homes = 0;

/** A browser at an address of its own. */
function newBrowser() {
  homes += 1;
  const headers = { 'X-Forwarded-For': `198.51.${homes}.7` };
  const visitor = new Visitor(server.url);
  return {
    visitor,
    async password(person: Pick<Person, 'email' | 'password'>, path = '/sign-in'): Promise<Page> {
      const form = await visitor.open(path, { headers });
      const { email: Email, password: Password } = person;
      return visitor.submit(form, 'Sign in', { Email, Password }, { headers });
    },
  };
}

async function knownBrowser(person: Person) {
  const browser = newBrowser();
  const arrived = await signInThroughForms(browser.visitor, await browser.visitor.open('/sign-in'), person);
  expect(new URL(arrived.url).pathname).toBe('/account');
  browser.visitor.cookies.set(server.url, 'gatehouse_session', undefined);
  return browser;
}

const campaign = () => raiseCampaign(server.platform, 'stuffing', {});
const calm = async () => {
  await server.platform.db.alert.updateMany({ data: { closedAt: clock.now() } });
  await followCampaign(server.platform);
};
const isAtSecondFactor = ({ url }: Page) => new URL(url).pathname === '/sign-in/second-factor';

describe('while passwords are tried in masses', () => {
  let person: Person;
  let known: ReturnType<typeof newBrowser>;
  beforeAll(async () => {
    person = await createPerson(server.platform);
    known = await knownBrowser(person);
    await campaign();
  });
  afterAll(calm);

  it('a browser that is not known waits as it is told, and is let in', async () => {
    const browser = newBrowser();
    const page = await browser.password(person);
    expect(page.status).toBe(429);
    expect(page.headers.get('Retry-After')).toBe('20');
    expect(page.text).toContain('Sign in again in 20 seconds.');
    clock.forward(10);
    expect((await browser.password(person)).headers.get('Retry-After')).toBe('10');
    clock.forward(10);
    await campaign();
    expect(isAtSecondFactor(await browser.password(person))).toBe(true);
  });

  it('gets the same answer for a wrong password and for an address without an account', async () => {
    const answers = [];
    for (const email of [person.email, 'nobody@example.com']) {
      const { status, headers, text } = await newBrowser().password({ email, password: 'wrong wrong wrong' });
      answers.push({ status, retry: headers.get('Retry-After'), text: text.replace(/Request \S+/, '') });
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.status).toBe(429);
    expect(await server.platform.db.loginFailure.count({ where: { failures: { gt: 0 } } })).toBe(0);
  });

  it('a known browser of the account does not wait, and one of another account does', async () => {
    expect(isAtSecondFactor(await known.password(person))).toBe(true);
    const other = await createPerson(server.platform);
    expect((await known.password(other)).status).toBe(429);
  });

  it('somebody who is signed in and confirms it does not wait', async () => {
    const browser = newBrowser();
    const other = await createPerson(server.platform);
    await calm();
    await signInThroughForms(browser.visitor, await browser.visitor.open('/sign-in'), other);
    browser.visitor.cookies.set(server.url, 'gatehouse_browser', undefined);
    clock.forward(3600);
    await campaign();
    const form = await browser.visitor.open('/account/sign-in-methods/authenticators/new');
    expect(form.text).toContain('Confirm');
    const page = await browser.visitor.submit(form, 'Sign in', { Password: other.password });
    expect(isAtSecondFactor(page)).toBe(true);
  });

  it('the same address may try no second account so soon', async () => {
    const browser = newBrowser();
    const other = await createPerson(server.platform);
    expect((await browser.password(person)).headers.get('Retry-After')).toBe('20');
    expect((await browser.password(other)).headers.get('Retry-After')).toBe('300');
    await watchSignIns(server.platform);
    clock.forward(20);
    await campaign();
    expect((await browser.password(person)).status).toBe(429);
  });
});
