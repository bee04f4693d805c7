import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPerson, PASSWORD } from '../support/people.ts';
import { startTestServer } from '../support/server.ts';
import { type Page, Visitor } from '../support/visitor.ts';

type Server = Awaited<ReturnType<typeof startTestServer>>;

let server: Server;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const TYPED = [
  '',
  ' ',
  '0',
  '-1',
  'null',
  '[object Object]',
  '{"contains":""}',
  '__proto__',
  "' OR '1'='1",
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '<%= 7*7 %>{{7*7}}',
  '\r\nBcc: eve@evil.example',
  '\u202e\u2066',
  '🦊'.repeat(300),
  '\ufdfa'.repeat(500),
  'x'.repeat(10_000),
  '123456',
  '12345678',
  'ａ@ｂ.ｃ',
];

const FORMS = [
  ['/sign-up', 'Create account', { Name: 'Anna', Email: 'anna@example.com', Password: PASSWORD }],
  ['/sign-in', 'Sign in', { Email: 'anna@example.com', Password: PASSWORD }],
] as const;

/** Answers a page that explains itself, without a trace of how the server works. */
function expectCalm(page: Page, what: string): void {
  expect(page.status, what).toBeLessThan(500);
  expect(page.html, what).not.toMatch(
    /node_modules|prisma|at Object\.|SELECT |<script>alert|onerror=alert\(1\)>/,
  );
  expect(page.title, what).not.toBe('');
}

describe('whatever is typed', () => {
  it.each(FORMS)(
    'into %s gets a page and never a fault',
    async (path, button, valid) => {
      const visitor = new Visitor(server.url);
      for (const field of Object.keys(valid)) {
        for (const typed of TYPED) {
          const page = await visitor.submit(await visitor.open(path), button, { ...valid, [field]: typed });
          expectCalm(page, `${field}: ${typed.slice(0, 40)}`);
        }
      }
    },
    60_000,
  );

  it('as a code gets a page and never a fault', async () => {
    const person = await createPerson(server.platform);
    for (const input of [{ totp: true }, { totp: false }, { totp: false, verified: false }]) {
      const other = await createPerson(server.platform, input);
      const visitor = new Visitor(server.url);
      const credentials = { Email: other.email, Password: PASSWORD };
      const step = await visitor.submit(await visitor.open('/sign-in'), 'Sign in', credentials);
      for (const typed of [...TYPED, person.code()]) {
        const page = await visitor.submit(step, 'Continue', { code: typed });
        expectCalm(page, typed.slice(0, 40));
        expect([422, 429], typed.slice(0, 40)).toContain(page.status);
      }
    }
  });

  it('as a ticket is ignored', async () => {
    const visitor = new Visitor(server.url);
    for (const typed of TYPED) {
      for (const path of [
        '/sign-in',
        '/sign-up',
        '/sign-up/verification',
        '/sign-in/second-factor',
        '/account',
      ]) {
        const page = await visitor.open(`${path}?ticket=${encodeURIComponent(typed)}`);
        expectCalm(page, `${path}: ${typed.slice(0, 40)}`);
        expect(page.status).toBe(200);
      }
    }
    expect((await visitor.open('/sign-in?ticket=a&ticket=b')).status).toBe(400);
  });

  it('as a cookie is ignored', async () => {
    for (const name of ['session', 'sign_in', 'browser', 'form']) {
      for (const typed of ['x', '%00', 'gate_session_', 'a'.repeat(4000), '"', 'null']) {
        const visitor = new Visitor(server.url);
        visitor.cookies.set(server.url, `gatehouse_${name}`, typed);
        for (const path of ['/sign-in', '/sign-up', '/sign-up/verification', '/account', '/sign-out']) {
          expectCalm(await visitor.open(path), `${name}=${typed.slice(0, 20)} at ${path}`);
        }
      }
    }
  });

  it('stays escaped where a name or address is shown again', async () => {
    const name = '<b onmouseover=alert(1)>"Anna"</b>';
    const person = await createPerson(server.platform, { name });
    const visitor = new Visitor(server.url);
    const credentials = { Email: person.email, Password: PASSWORD };
    const second = await visitor.submit(await visitor.open('/sign-in'), 'Sign in', credentials);
    const account = await visitor.submit(second, 'Continue', { code: person.code() });
    expect(account.html).not.toContain('<b onmouseover');
    expect(account.text).toContain(name);
  });
});

describe('a form', () => {
  it.each(FORMS)(
    'at %s is refused without its token, with a field twice, or from another site',
    async (path, button, valid) => {
      const visitor = new Visitor(server.url);
      const page = await visitor.open(path);
      const form = page.forms.find(({ buttons }) => buttons.some(({ text }) => text === button));
      const fields = new URLSearchParams([...(form?.fields ?? [])]);
      for (const [label, value] of Object.entries(valid)) fields.set(form?.labels.get(label) ?? label, value);
      const twice = new URLSearchParams([...fields, ['email', 'eve@example.com']]);
      expect((await visitor.post(path, twice)).status).toBe(400);
      expect((await visitor.post(path, fields, { referrer: 'https://evil.example' })).status).toBe(403);
      fields.set('form_token', 'x');
      expect((await visitor.post(path, fields)).status).toBe(403);
      fields.delete('form_token');
      expect((await visitor.post(path, fields)).status).toBe(403);
    },
  );

  it('ignores fields that it does not have', async () => {
    const visitor = new Visitor(server.url);
    const email = `extra${Date.now()}@example.com`;
    const extra = { operator: 'true', emailVerifiedAt: '2020-01-01', id: '1', verified: 'on', ticket: 'x' };
    const entries = { Name: 'Anna', Email: email, Password: PASSWORD, ...extra };
    const page = await visitor.submit(await visitor.open('/sign-up'), 'Create account', entries);
    expect(page.status).toBe(200);
    expect(await server.platform.db.account.count({ where: { emailKey: email } })).toBe(0);
  });

  it('keeps what was typed, but never a password or code', async () => {
    const visitor = new Visitor(server.url);
    const entries = { Name: 'Anna', Email: 'not an address', Password: 'secret kettle' };
    const page = await visitor.submit(await visitor.open('/sign-up'), 'Create account', entries);
    expect(page.status).toBe(422);
    expect(page.title).toMatch(/^Error: /);
    expect(page.html).toContain('value="Anna"');
    expect(page.html).toContain('value="not an address"');
    expect(page.html).not.toContain('secret kettle');
  });

  it('tells password managers what its fields are', async () => {
    const visitor = new Visitor(server.url);
    const tokensOf = ({ html }: Page) =>
      [...html.matchAll(/autocomplete="([^"]+)"/g)].map(([, token]) => token);
    expect(tokensOf(await visitor.open('/sign-in'))).toEqual(['username webauthn', 'current-password']);
    expect(tokensOf(await visitor.open('/sign-up'))).toEqual(['name', 'username', 'new-password']);
    const person = await createPerson(server.platform);
    const credentials = { Email: person.email, Password: PASSWORD };
    const second = await visitor.submit(await visitor.open('/sign-in'), 'Sign in', credentials);
    expect(tokensOf(second)).toEqual(['one-time-code']);
  });
});

describe('every answer of these pages', () => {
  it('is kept by nobody, redirects by 303, and sets cookies that scripts and other sites do not get', async () => {
    const person = await createPerson(server.platform);
    const visitor = new Visitor(server.url);
    const form = await visitor.open('/sign-in');
    const credentials = { Email: person.email, Password: PASSWORD };
    const first = await visitor.submit(form, 'Sign in', credentials, { follow: false });
    const second = await visitor.open(first.location ?? '');
    const last = await visitor.submit(second, 'Continue', { code: person.code() }, { follow: false });
    expect([first.status, last.status]).toEqual([303, 303]);
    for (const page of [form, second]) expect(page.headers.get('Cache-Control')).toBe('no-store');
    const cookies = [form, first, second, last].flatMap(({ headers }) => headers.getSetCookie());
    expect(cookies.length).toBeGreaterThan(3);
    for (const cookie of cookies) expect(cookie.toLowerCase()).toMatch(/path=\/;.*samesite=lax; httponly/);
  });
});
