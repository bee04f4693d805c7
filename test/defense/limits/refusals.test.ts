import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeSetting } from '../../../src/audit/change-setting.ts';
import type { LimitName } from '../../../src/defense/limits/catalogue.ts';
import { LIMIT_OVERRIDES } from '../../../src/defense/limits/limit-in-force.ts';
import { newHandle } from '../../../src/platform/crypto/secrets.ts';
import type { RunningServer } from '../../../src/main.ts';
import { clockAt } from '../../support/clock.ts';
import { introspect, postAs } from '../../support/relying-party.ts';
import { refusalIn } from '../../support/rate-limit-fields.ts';
import { startTestServer } from '../../support/server.ts';
import { Visitor } from '../../support/visitor.ts';
import {
  type App,
  codeOf,
  type Notes,
  newApi,
  newApp,
  newPerson,
  OPERATOR,
  signIn,
} from '../../support/world.ts';

const clock = clockAt();
let server: RunningServer;
let api: Notes;
let machine: App;
beforeAll(async () => {
  server = await startTestServer({ clock, trustProxy: { hops: 1 } });
  api = await newApi(server.platform);
  machine = await newApp(server.platform, api, { type: 'machine', scopes: ['notes:read'] });
});
afterAll(() => server.stop());

const override = (limits: Partial<Record<LimitName, { budget: number; windowSeconds?: number }>>) =>
  changeSetting(server.platform, OPERATOR, { setting: LIMIT_OVERRIDES, value: limits });

const from = (address: string) => ({ headers: { 'X-Forwarded-For': address } });

async function enterAt(address: string, email: string, password = 'a wrong password', visitor?: Visitor) {
  const browser = visitor ?? new Visitor(server.url);
  const form = await browser.open('/sign-in', from(address));
  const entries = { Email: email, Password: password };
  return browser.submit(form, 'Sign in', entries, from(address));
}

it('a person who changes their account too often is stopped wherever they are, and nobody else is', async () => {
  await override({ 'account-changes': { budget: 2, windowSeconds: 60 } });
  const [one, other] = [new Visitor(server.url), new Visitor(server.url)];
  await signIn(one, await newPerson(server.platform), undefined, clock.now());
  await signIn(other, await newPerson(server.platform), undefined, clock.now());
  const change = (visitor: Visitor, address: string) => visitor.post('/account/profile', {}, from(address));
  await change(one, '192.0.2.50');
  await change(one, '192.0.2.51');
  const third = await change(one, '192.0.2.52');
  expect(third.status).toBe(429);
  expect((await change(other, '192.0.2.52')).status).not.toBe(429);
});

describe('whoever is beyond a limit', () => {
  it('takes nothing from others: not from another address, and not from a known browser at the same one', async () => {
    await override({ 'sign-in': { budget: 4, windowSeconds: 60 } });
    const person = await newPerson(server.platform);
    const browser = new Visitor(server.url);
    const address = '192.0.2.30';
    const second = await enterAt(address, person.email, person.password, browser);
    await browser.submit(
      second,
      'Continue',
      { 'One-time code': await codeOf(person, clock.now()) },
      from(address),
    );
    await browser.submit(await browser.open('/sign-out'), 'Sign out', {}, from(address));
    for (let turn = 0; turn < 5; turn += 1) await enterAt(address, `somebody${turn}@example.com`);
    const refused = await enterAt(address, 'another@example.com');
    expect(refused.headers.get('RateLimit')).toContain('r=0');
    expect((await enterAt('192.0.2.31', 'another@example.com')).status).not.toBe(429);
    const again = await browser.open('/sign-in', from(address));
    const entries = { Email: person.email, Password: 'a wrong password' };
    const own = await browser.submit(again, 'Sign in', entries, from(address));
    expect(own.headers.get('RateLimit')).toBe('"sign-in";r=3;t=60');
  });

  it('is told on a page how long to wait, and in headers what the limit is, and gets on after exactly so long', async () => {
    await override({ 'sign-in': { budget: 3, windowSeconds: 60 } });
    for (let turn = 0; turn < 3; turn += 1) await enterAt('192.0.2.1', `somebody${turn}@example.com`);
    const refused = await enterAt('192.0.2.1', 'somebody@example.com');
    expect(refused.status).toBe(429);
    expect(refused.text).toContain('You can try again in');
    expect(refused.headers.get('RateLimit-Policy')).toBe('"sign-in";q=3;w=60');
    const seconds = Number(refused.headers.get('Retry-After'));
    expect(Number.isInteger(seconds)).toBe(true);
    expect(refused.headers.get('RateLimit')).toBe(`"sign-in";r=0;t=${seconds}`);
    clock.forward(seconds);
    expect((await enterAt('192.0.2.1', 'somebody@example.com')).status).not.toBe(429);
  });

  it('is told the same of addresses with and without an account', async () => {
    await override({ 'sign-in': { budget: 2, windowSeconds: 60 } });
    const person = await newPerson(server.platform);
    const told: unknown[] = [];
    for (const [address, email] of [
      ['192.0.2.11', person.email],
      ['192.0.2.12', 'nobody@example.com'],
    ] as const) {
      for (let turn = 0; turn < 3; turn += 1) {
        const { status, headers } = await enterAt(address, email);
        told.push([
          status,
          headers.get('RateLimit'),
          headers.get('RateLimit-Policy'),
          headers.get('Retry-After'),
        ]);
      }
    }
    expect(told.slice(0, 3)).toEqual(told.slice(3));
    expect(told[2]).toEqual([429, expect.any(String), expect.any(String), expect.any(String)]);
  });

  it('is told in their language', async () => {
    await override({ 'sign-in': { budget: 1, windowSeconds: 600 } });
    const visitor = new Visitor(server.url);
    const headers = { 'X-Forwarded-For': '192.0.2.20', 'Accept-Language': 'de' };
    for (let turn = 0; turn < 2; turn += 1) {
      const page = await visitor.post('/sign-in', {}, { headers });
      if (turn === 1) expect(page.text).toContain('10 Minuten');
    }
  });

  it('gets problem details where it is a program', async () => {
    await override({ 'leak-reports': { budget: 1, windowSeconds: 60 } });
    const report = () =>
      fetch(`${server.url}/leak-reports`, { method: 'POST', headers: { 'X-Forwarded-For': '192.0.2.21' } });
    await report();
    const refused = await report();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('Content-Type')).toContain('application/problem+json');
    expect(await refused.json()).toMatchObject({
      status: 429,
      detail: expect.stringContaining('in 1 minute'),
    });
  });

  it('is one visitor in a whole IPv6 /64, and a /48 has eight times the budget together', async () => {
    await override({ 'leak-reports': { budget: 2, windowSeconds: 60 } });
    const report = async (address: string) => {
      const answer = await fetch(`${server.url}/leak-reports`, { method: 'POST', ...from(address) });
      return answer.status === 429;
    };
    const home: boolean[] = [];
    for (let turn = 0; turn < 3; turn += 1) home.push(await report(`2001:db8:1:1::${turn}`));
    expect(home).toEqual([false, false, true]);
    const site: boolean[] = [];
    for (let turn = 0; turn < 18; turn += 1) site.push(await report(`2001:db8:2:${turn.toString(16)}::1`));
    expect(site.filter((refused) => !refused)).toHaveLength(16);
  });

  it('is one site to the endpoints for programs as well', async () => {
    await override({ unproven: { budget: 2, windowSeconds: 86_400 } });
    for (const [site, path] of [
      ['2001:db8:3', '/token'],
      ['2001:db8:4', '/check'],
    ] as const) {
      const refused: boolean[] = [];
      for (let turn = 0; turn < 18; turn += 1) {
        const { headers } = from(`${site}:${turn.toString(16)}::1`);
        refused.push((await fetch(server.url + path, { method: 'POST', headers })).status === 429);
      }
      expect([path, refused.filter((one) => !one)]).toEqual([path, Array<boolean>(16).fill(false)]);
    }
  });

  it('is counted in the database whatever budget an operator chose', async () => {
    await override({ 'leak-reports': { budget: 1_000_000_000, windowSeconds: 60 } });
    const before = await server.platform.db.limitCounter.count();
    const report = await fetch(`${server.url}/leak-reports`, { method: 'POST', ...from('2001:db8:5::1') });
    expect(report.status).not.toBe(429);
    expect(await server.platform.db.limitCounter.count()).toBe(before + 2);
  });

  it('does not get a fresh budget by a forwarded header that no proxy of ours wrote', async () => {
    await override({ 'sign-in': { budget: 2, windowSeconds: 60 } });
    const statuses: number[] = [];
    for (let turn = 0; turn < 3; turn += 1)
      statuses.push((await enterAt(`198.51.100.${turn}, 192.0.2.40`, 'nobody@example.com')).status);
    expect(statuses.at(-1)).toBe(429);
  });
});

describe('where anybody may begin', () => {
  const open = (path: string, address: string, more: Record<string, string> = {}) =>
    fetch(server.url + path, {
      redirect: 'manual',
      headers: { 'X-Forwarded-For': address, Accept: 'text/html', ...more },
    });
  const asking = () =>
    `/authorize?client_id=${machine.clientId}&response_type=code&redirect_uri=https://nobody.example/`;

  it('authorization requests of one address meet a limit before the engine has work with them', async () => {
    await override({ starts: { budget: 3, windowSeconds: 86_400 } });
    const statuses: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) statuses.push((await open(asking(), '192.0.2.60')).status);
    expect(statuses).toEqual([400, 400, 400, 429]);
    expect((await open(asking(), '192.0.2.61')).status).toBe(400);
  });

  it.each([
    ['de', 'Minuten'],
    ['ar', 'dir="rtl"'],
    ['en', 'That was too often'],
  ])('the refusal is a page in the language %s, with what the limit is', async (language, words) => {
    await override({ starts: { budget: 1, windowSeconds: 600 } });
    const address = `192.0.2.${70 + language.charCodeAt(0) - 97}`;
    await open('/docs', address);
    const refused = await open('/session/end', address, { 'Accept-Language': language });
    expect([refused.status, refused.headers.get('RateLimit-Policy')]).toEqual([429, '"starts";q=1;w=600']);
    expect(refused.headers.get('RateLimit')).toMatch(/^"starts";r=0;t=\d+$/);
    expect(refused.headers.get('Retry-After')).toMatch(/^\d+$/);
    expect(refused.headers.get('Content-Type')).toContain('text/html');
    expect(await refused.text()).toContain(words);
  });

  it('a /64 is one address and a /48 eight, however the path is spelled', async () => {
    await override({ starts: { budget: 2, windowSeconds: 86_400 } });
    const refused: boolean[] = [];
    for (const path of ['/sign-in', '/Sign-In', '/sign-in/'])
      refused.push((await open(path, `2001:db8:6:1::${refused.length}`)).status === 429);
    expect(refused).toEqual([false, false, true]);
    const site: boolean[] = [];
    for (let turn = 0; turn < 18; turn += 1)
      site.push((await open('/sign-in', `2001:db8:7:${turn.toString(16)}::1`)).status === 429);
    expect(site.filter((one) => !one)).toHaveLength(16);
  });

  it('whoever comes with a browser that an account knows is let in beside a flood, and one that is made up is not', async () => {
    await override({ starts: { budget: 60, windowSeconds: 86_400 } });
    const address = '192.0.2.62';
    const browser = new Visitor(server.url);
    await signIn(browser, await newPerson(server.platform), undefined, clock.now());
    for (let turn = 0; turn < 62; turn += 1) await open('/sign-in', address);
    expect((await open('/sign-in', address)).status).toBe(429);
    const made = newHandle('browser', clock.now());
    expect((await open('/sign-in', address, { Cookie: `browser=${made}` })).status).toBe(429);
    expect((await browser.open('/sign-in', from(address))).status).not.toBe(429);
  });

  it('what is no start is never counted: keys, tokens, the account', async () => {
    await override({ starts: { budget: 1, windowSeconds: 86_400 } });
    const address = '192.0.2.63';
    for (let turn = 0; turn < 2; turn += 1) await open('/sign-in', address);
    for (const path of ['/jwks', '/.well-known/openid-configuration', '/userinfo', '/account'])
      expect([path, (await open(path, address)).status]).not.toEqual([path, 429]);
  });
});

describe('the budget of an app', () => {
  it('is spent by calls that prove it, and refused with an OAuth error', async () => {
    await override({ token: { budget: 3, windowSeconds: 60 } });
    const ask = () => postAs(server.url, '/token', machine, { grant_type: 'client_credentials' });
    for (let turn = 0; turn < 3; turn += 1) expect((await ask()).status).toBe(200);
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({
      error: 'temporarily_unavailable',
      error_description: expect.stringContaining('Try again in'),
    });
    clock.forward(Number(refused.headers.get('Retry-After')));
    expect((await ask()).status).toBe(200);
  });

  it('is not touched by those who merely name it', async () => {
    await override({ token: { budget: 3, windowSeconds: 60 }, unproven: { budget: 10, windowSeconds: 60 } });
    clock.forward(60);
    const stranger = { ...machine, secret: 'gate_secret_guessed' };
    const statuses: number[] = [];
    for (let turn = 0; turn < 12; turn += 1) {
      const answer = await postAs(server.url, '/token', stranger, { grant_type: 'client_credentials' });
      statuses.push(answer.status);
    }
    expect(statuses.slice(0, 10).every((status) => status === 401)).toBe(true);
    expect(statuses.slice(10)).toEqual([429, 429]);
    const own = await postAs(server.url, '/token', machine, { grant_type: 'client_credentials' });
    expect(own.status).toBe(200);
    const { access_token: token } = (await own.json()) as { access_token: string };
    expect(await introspect(server.url, api, token)).toMatchObject({ active: true });
  });
});

describe('every 429 is read by a strict parser, and its fields agree', () => {
  const ask = (path: string, address: string, more: RequestInit = {}) =>
    fetch(server.url + path, { redirect: 'manual', ...more, ...from(address) });
  let networks = 0;
  const nextNetwork = () => {
    networks += 1;
    return networks.toString(16);
  };
  const untilRefused = async (send: () => Promise<Response>): Promise<Response> => {
    for (let turn = 0; turn < 20; turn += 1) {
      const answer = await send();
      if (answer.status === 429) return answer;
    }
    throw new Error('never refused');
  };

  it.each<[limit: LimitName, budget: number, send: () => Promise<Response>]>([
    ['starts', 1, () => ask('/authorize', '192.0.2.90')],
    ['starts', 8, () => ask('/docs', `2001:db8:a:${nextNetwork()}::1`)],
    ['unproven', 1, () => ask('/token', '192.0.2.91', { method: 'POST' })],
    ['unproven', 1, () => ask('/check', '192.0.2.92')],
    ['leak-reports', 1, () => ask('/leak-reports', '192.0.2.93', { method: 'POST' })],
    ['sign-in', 1, () => ask('/sign-in', '192.0.2.94', { method: 'POST' })],
    ['token', 1, () => postAs(server.url, '/token', machine, { grant_type: 'client_credentials' })],
  ])('of %s, %i', async (name, q, send) => {
    await override({ [name]: { budget: 1, windowSeconds: 86_400 } });
    const { headers } = await untilRefused(send);
    const { policy, left, retryAfter } = refusalIn(headers);
    expect(policy).toEqual({ name, parameters: { q, w: 86_400 } });
    expect(left).toEqual({ name, parameters: { r: 0, t: retryAfter } });
    expect(retryAfter).toBeLessThanOrEqual(86_400);
  });
});
