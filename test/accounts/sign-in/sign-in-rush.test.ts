import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashThreads } from '../../../src/accounts/credentials/hash-threads.ts';
import type { RunningServer } from '../../../src/main.ts';
import { createPerson, type Person, signInThroughForms } from '../../support/people.ts';
import { startTestServer } from '../../support/server.ts';
import { type Page, Visitor } from '../../support/visitor.ts';

let server: RunningServer;
let person: Person;
beforeAll(async () => {
  server = await startTestServer();
  person = await createPerson(server.platform);
});
afterAll(() => server.stop());

/** Every thread busy for seconds, also on a slow machine, and nobody else fits into the line. */
function rush(): Promise<unknown> {
  const jobs: Promise<string>[] = [];
  for (let thread = 0; thread < availableParallelism(); thread += 1)
    jobs.push(hashThreads.hash('busy', { memoryCost: 8_192, timeCost: 1_000 }));
  for (let place = 0; place < 60; place += 1)
    jobs.push(hashThreads.hash('waiting', { memoryCost: 8, timeCost: 1 }));
  return Promise.allSettled(jobs);
}

async function passwordOf(visitor: Visitor, form: Page): Promise<Page> {
  return visitor.submit(form, 'Sign in', { Email: person.email, Password: person.password });
}

describe('a rush of sign-ins', () => {
  it('turns away whoever comes when all places are taken, before anything is done for them', async () => {
    const visitor = new Visitor(server.url);
    const form = await visitor.open('/sign-in');
    const over = rush();
    const page = await passwordOf(visitor, form);
    expect(page.status).toBe(503);
    expect(Number(page.headers.get('Retry-After'))).toBeGreaterThan(0);
    await expect(server.platform.db.loginFailure.count()).resolves.toBe(0);
    await over;
    expect(new URL((await passwordOf(visitor, form)).url).pathname).toBe('/sign-in/second-factor');
  });

  it('of strangers lets people in who are known here, before the others', async () => {
    const known = new Visitor(server.url);
    const arrived = await signInThroughForms(known, await known.open('/sign-in'), person);
    expect(new URL(arrived.url).pathname).toBe('/account');
    known.cookies.set(server.url, 'gatehouse_session', undefined);
    const [form, stranger] = [await known.open('/sign-in'), new Visitor(server.url)];
    const strangersForm = await stranger.open('/sign-in');
    const over = rush();
    const [first, second] = await Promise.all([passwordOf(known, form), passwordOf(stranger, strangersForm)]);
    expect(new URL(first.url).pathname).toBe('/sign-in/second-factor');
    expect(second.status).toBe(503);
    await over;
  });

  it('gives a try back that finds no thread, and says when to come again', async () => {
    const visitor = new Visitor(server.url);
    const form = await visitor.open('/sign-in');
    const over = rush();
    const pages = await Promise.all(Array.from({ length: 3 }, () => passwordOf(visitor, form)));
    expect(pages.map(({ status }) => status)).toEqual(Array(3).fill(503));
    expect(Number(pages[0]?.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(pages[0]?.text).toContain('Too many people are signing in right now.');
    await expect(server.platform.db.loginFailure.count({ where: { failures: { gt: 0 } } })).resolves.toBe(0);
    await over;
    const page = await passwordOf(visitor, form);
    expect(new URL(page.url).pathname).toBe('/sign-in/second-factor');
  });

  it('loses no sign-in whose hashing thread ends in the middle', async () => {
    const visitor = new Visitor(server.url);
    const form = await visitor.open('/sign-in');
    const answer = passwordOf(visitor, form);
    for (let times = 0; times < 5; times += 1) {
      await new Promise((resolve) => setTimeout(resolve, 4));
      if (times % 2 === 0) await hashThreads.stop();
    }
    const { status, url } = await answer;
    if (status === 503) return;
    expect(new URL(url).pathname).toBe('/sign-in/second-factor');
  });
});
