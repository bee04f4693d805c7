import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resumeClient, suspendClient } from '../../src/developers/clients/suspension.ts';
import { rotateSecret } from '../../src/developers/clients/credentials/secret-rotation.ts';
import type { RunningServer } from '../../src/main.ts';
import { newHandle } from '../../src/platform/crypto/secrets.ts';
import { startTestServer } from '../support/server.ts';
import { type App, newApi, newApp, type Notes, OPERATOR } from '../support/world.ts';
import { type Answer, basicOf, type Params, post } from './stage.ts';

/** Whoever stops an app of their own lets it go on alone. */
const MEMBER = { kind: 'account', id: '01890000-0000-7000-8000-000000000001' } as const;

/** A change to an app is in force within this time (docs/decisions/0002). */
const FRESH = 600;

describe('an app that identifies itself', () => {
  let server: RunningServer;
  let api: Notes;
  let machine: App;
  let posting: App;
  let web: App;
  let spa: App;
  beforeAll(async () => {
    server = await startTestServer();
    api = await newApi(server.platform);
    const scopes = ['notes:read'];
    machine = await newApp(server.platform, api, { type: 'machine', scopes });
    posting = await newApp(server.platform, api, {
      type: 'machine',
      scopes,
      authMethod: 'client_secret_post',
    });
    web = await newApp(server.platform, api);
    spa = await newApp(server.platform, api, { type: 'spa' });
  });
  afterAll(() => server.stop());

  const GRANT = { grant_type: 'client_credentials' };
  const ask = (params: Params, headers: Record<string, string> = {}): Promise<Answer> =>
    post({ issuer: server.url }, '/token', undefined, { ...GRANT, ...params }, headers);
  const inBody = ({ clientId, secret }: App) => ({ client_id: clientId, client_secret: secret });

  function expectUnknown(answer: Answer): void {
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({
      error: 'invalid_client',
      error_description: 'client authentication failed',
    });
  }

  it('may use either secret method, whichever it registered', async () => {
    for (const app of [machine, posting]) {
      expect((await ask({}, { Authorization: basicOf(app) })).status).toBe(200);
      expect((await ask(inBody(app))).status).toBe(200);
      expect((await ask({ client_id: app.clientId }, { Authorization: basicOf(app) })).status).toBe(200);
    }
  });

  it('may not use two at once', async () => {
    const twice = await ask(inBody(machine), { Authorization: basicOf(machine) });
    expect([twice.status, twice.body.error]).toEqual([400, 'invalid_request']);
    const mixed = await ask({ client_secret: 'x' }, { Authorization: basicOf(machine) });
    expect([mixed.status, mixed.body.error]).toEqual([400, 'invalid_request']);
  });

  it('may not name another one beside itself', async () => {
    const answer = await ask({ client_id: posting.clientId }, { Authorization: basicOf(machine) });
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
    const twice = await ask({
      client_id: [machine.clientId, posting.clientId],
      client_secret: machine.secret,
    });
    expect([twice.status, twice.body.error]).toEqual([400, 'invalid_request']);
  });

  const wrongSecrets: [string, () => string][] = [
    ['nothing like it', () => 'secret'],
    ['a fresh one', () => newHandle('secret', new Date())],
    ['its own without the end', () => machine.secret.slice(0, -1)],
    ['its own and more', () => `${machine.secret}0`],
    ['its own in capitals', () => machine.secret.toUpperCase()],
    ['its own with a space', () => ` ${machine.secret}`],
    ['the one of another app', () => posting.secret],
    ['the one of the API', () => api.secret],
    ['five kilobytes', () => 'x'.repeat(5000)],
    ['a property', () => '__proto__'],
  ];
  it.each(wrongSecrets)('is refused with a secret that is %s, by either method', async (_what, secret) => {
    expectUnknown(await ask(inBody({ ...machine, secret: secret() })));
    const basic = await ask({}, { Authorization: basicOf({ ...machine, secret: secret() }) });
    expectUnknown(basic);
    expect(basic.headers.get('WWW-Authenticate')).toMatch(/^Basic /);
  });

  it('is refused without any secret where it has one', async () => {
    expectUnknown(await ask({ client_id: machine.clientId }));
  });

  it('is told how to, where it says nothing of itself or a name alone (RFC 6749 §5.2, RFC 9110 §15.5.2)', async () => {
    const answers = [
      await ask({}),
      await ask({}, { Authorization: basicOf({ ...machine, secret: '' }) }),
      await ask({ client_id: machine.clientId }),
      await ask(inBody({ ...posting, secret: 'x' })),
    ];
    for (const answer of answers) {
      expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
      expect(answer.headers.get('WWW-Authenticate')).toMatch(`Basic realm="${server.url}"`);
    }
  });

  it('is refused with a secret where it has none', async () => {
    expectUnknown(await ask(inBody({ ...spa, secret: machine.secret })));
    expectUnknown(await ask({}, { Authorization: basicOf({ ...spa, secret: 'x' }) }));
  });

  it('learns nothing about other apps: an unknown one and a wrong secret look the same', async () => {
    const unknown = await ask(inBody({ ...machine, clientId: 'app_abcdefghjkmnpqrstuvw' }));
    const wrong = await ask(inBody({ ...machine, secret: 'x' }));
    expectUnknown(unknown);
    expect(unknown.text).toBe(wrong.text);
  });

  const odd: [string, (basic: string) => string][] = [
    ['another scheme', (basic) => basic.replace('Basic', 'Bearer')],
    ['no scheme', (basic) => basic.replace('Basic ', '')],
    ['two spaces', (basic) => basic.replace(' ', '  ')],
    ['more behind it', (basic) => `${basic} x`],
    ['two at once', (basic) => `${basic}, ${basic}`],
    ['letters outside base64', (basic) => `${basic.slice(0, -4)}*!==`],
    ['base64 of another alphabet', () => `Basic ${Buffer.from('???:>>>').toString('base64url')}_-`],
    ['too much padding', (basic) => `${basic}====`],
    ['no colon', () => `Basic ${Buffer.from('nobody').toString('base64')}`],
    ['nothing', () => 'Basic '],
    ['an escape that is none', () => `Basic ${Buffer.from('a%zz:b%').toString('base64')}`],
    ['a line break inside', () => `Basic ${Buffer.from('a%0d%0ab:c').toString('base64')}`],
    ['a NUL inside', () => `Basic ${Buffer.from('a%00b:c').toString('base64')}`],
    ['bytes that are no text', () => `Basic ${Buffer.from([0xff, 0xfe, 0x3a, 0xff]).toString('base64')}`],
    ['five kilobytes', () => `Basic ${Buffer.from(`${'x'.repeat(5000)}:x`).toString('base64')}`],
  ];
  it.each(odd)('is refused when its header has %s', async (_what, change) => {
    const answer = await ask({}, { Authorization: change(basicOf(machine)) });
    expect([400, 401]).toContain(answer.status);
    expect(['invalid_request', 'invalid_client']).toContain(answer.body.error);
  });

  it('may escape its name and secret in the header, and write the scheme in small letters', async () => {
    const escaped = [...`${machine.clientId}`].map((char) => `%${char.charCodeAt(0).toString(16)}`).join('');
    const header = `basic ${Buffer.from(`${escaped}:${machine.secret}`).toString('base64')}`;
    expect((await ask({}, { Authorization: header })).status).toBe(200);
  });

  it('is not heard when its secret stands in the address', async () => {
    const query = new URLSearchParams({ ...GRANT, ...inBody(machine) });
    const answer = await post({ issuer: server.url }, `/token?${query}`, undefined, {});
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
    expect(answer.text).not.toContain(machine.secret);
  });

  it('cannot use an assertion, signed or not: that method is not offered', async () => {
    const claims = { iss: machine.clientId, sub: machine.clientId, aud: server.url, jti: '1', exp: 4e9 };
    const assertion = [{ alg: 'none' }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const answer = await ask({
      client_id: machine.clientId,
      client_assertion: `${assertion.join('.')}.`,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });
    expectUnknown(answer);
  });

  it('may not do what it is not registered for (RFC 6749 §5.2)', async () => {
    for (const [app, grant_type] of [
      [machine, 'authorization_code'],
      [machine, 'refresh_token'],
      [web, 'client_credentials'],
      [api, 'client_credentials'],
    ] as const) {
      const fields = { grant_type, code: 'x', refresh_token: 'x', redirect_uri: 'x' };
      const answer = await ask(fields, { Authorization: basicOf(app) });
      expect([answer.status, answer.body.error]).toEqual([400, 'unauthorized_client']);
    }
  });

  it.each([
    'password',
    'implicit',
    'urn:ietf:params:oauth:grant-type:device_code',
    'urn:ietf:params:oauth:grant-type:token-exchange',
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
    'urn:openid:params:grant-type:ciba',
    'CLIENT_CREDENTIALS',
    'client_credentials ',
    'constructor',
    '__proto__',
    'x'.repeat(5000),
  ])('gets nothing for the grant type %s', async (grant_type) => {
    const answer = await ask(
      { grant_type, username: 'a', password: 'b' },
      { Authorization: basicOf(machine) },
    );
    expect([answer.status, answer.body.error]).toEqual([400, 'unsupported_grant_type']);
  });

  it('gets nothing without a grant type, or with two', async () => {
    for (const grant_type of [undefined, '', ['client_credentials', 'client_credentials']]) {
      const answer = await ask({ grant_type }, { Authorization: basicOf(machine) });
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
    }
  });

  it('has one secret: the old one ends the moment another is made', async () => {
    const app = await newApp(server.platform, api, { type: 'machine', scopes: ['notes:read'] });
    const rotated = await rotateSecret(server.platform, OPERATOR, { holderId: app.clientId });
    if (!rotated.ok) throw new Error(rotated.sentence);
    await sleep(FRESH);
    expectUnknown(await ask(inBody(app)));
    expect((await ask(inBody({ ...app, secret: rotated.issued.secret }))).status).toBe(200);
  });

  it('is unknown while it is suspended, and known again afterwards', async () => {
    const app = await newApp(server.platform, api, { type: 'machine', scopes: ['notes:read'] });
    expect((await ask(inBody(app))).status).toBe(200);
    await suspendClient(server.platform, MEMBER, app.clientId);
    await sleep(FRESH);
    expectUnknown(await ask(inBody(app)));
    await resumeClient(server.platform, MEMBER, app.clientId);
    await sleep(FRESH);
    expect((await ask(inBody(app))).status).toBe(200);
  });
});
