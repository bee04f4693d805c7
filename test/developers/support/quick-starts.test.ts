import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewClient } from '../../../src/developers/clients/registration.ts';
import { changeAuthMethod } from '../../../src/developers/clients/credentials/auth-method.ts';
import { addKeys } from '../../../src/developers/clients/credentials/keys.ts';
import type { RunningServer } from '../../../src/main.ts';
import { ok } from '../../support/developers.ts';
import { introspect } from '../../support/relying-party.ts';
import { freePort, startTestServer } from '../../support/server.ts';
import { Visitor } from '../../support/visitor.ts';
import { type App, newApi, newApp, newPerson, type Notes, OPERATOR, signIn } from '../../support/world.ts';
import { programsOn, type Running, run } from './programs.ts';

let server: RunningServer;
let api: Notes;
/** A member of the organization, who reads the documentation and plays the person at the browser too. */
let visitor: Visitor;

beforeAll(async () => {
  server = await startTestServer();
  api = await newApi(server.platform);
  const member = await newPerson(server.platform);
  const row = { organizationId: api.organizationId, accountId: member.id, role: 'developer' };
  await server.platform.db.organizationMember.create({ data: { ...row, createdAt: new Date() } });
  visitor = new Visitor(server.url);
  await signIn(visitor, member);
});
afterAll(() => server.stop());

async function appOf(type: NewClient['type'], redirectUri?: string): Promise<App> {
  const scopes = type === 'machine' ? ['notes:read'] : ['openid', 'notes:read'];
  return newApp(server.platform, api, { type, scopes, ...(redirectUri && { redirectUris: [redirectUri] }) });
}

async function programsFor(type: string, { clientId }: App): Promise<string[]> {
  return programsOn(await visitor.open(`/docs/quick-start/${type}?app=${clientId}`));
}

/** What the person does with the address that the program prints; answers where the browser is sent. */
async function goThrough(address: string): Promise<string> {
  const page = await visitor.open(address);
  const asked = page.forms.some(({ buttons }) => buttons.some(({ text }) => text === 'Allow'));
  const last = asked ? await visitor.submit(page, 'Allow') : page;
  if (!last.location) throw new Error(`sent nowhere: ${last.status} ${last.text.slice(0, 400)}`);
  return last.location;
}

async function tokenFrom(running: Running): Promise<Record<string, unknown>> {
  const [, token = ''] = await running.says(/access_token["']?: ?["']([\w.-]+)["']/);
  await running.stop();
  return introspect(server.url, api, token);
}

const AUTHORIZE = /http:\/\/localhost:\d+\/authorize\?\S+/;

describe('the program of the quick start gets a real token', { timeout: 60_000 }, () => {
  it('for a machine', async () => {
    const app = await appOf('machine');
    const [javascript = ''] = await programsFor('machine', app);
    const running = await run('javascript', javascript, { CLIENT_SECRET: app.secret });
    expect(await tokenFrom(running)).toMatchObject({
      active: true,
      scope: 'notes:read',
      client_id: app.clientId,
    });
  });

  it.each([
    ['web', (port: number) => `http://localhost:${port}/callback`],
    ['native', () => 'http://127.0.0.1/callback'],
    ['cli', () => 'http://127.0.0.1/callback'],
    ['agent', () => 'http://127.0.0.1/callback'],
  ] as const)('for an app of type %s that listens itself', async (type, redirectUri) => {
    const app = await appOf(type, redirectUri(await freePort()));
    const [javascript = ''] = await programsFor(type, app);
    const running = await run('javascript', javascript, app.secret ? { CLIENT_SECRET: app.secret } : {});
    const [address] = await running.says(AUTHORIZE);
    const answer = await fetch(await goThrough(address));
    expect(answer.status).toBe(200);
    expect(await tokenFrom(running)).toMatchObject({
      active: true,
      scope: 'notes:read',
      client_id: app.clientId,
    });
  });

  it.each([
    ['web', 'https://app.example.com/callback'],
    ['native', 'com.example.app:/callback'],
  ] as const)('for an app of type %s that is told where the browser went', async (type, redirectUri) => {
    const app = await appOf(type, redirectUri);
    const [javascript = ''] = await programsFor(type, app);
    const running = await run('javascript', javascript, app.secret ? { CLIENT_SECRET: app.secret } : {});
    const [address] = await running.says(AUTHORIZE);
    running.type(await goThrough(address));
    expect(await tokenFrom(running)).toMatchObject({ active: true, client_id: app.clientId });
  });
});

describe('the commands of the quick start get a real token', { timeout: 60_000 }, () => {
  it('for a machine', async () => {
    const app = await appOf('machine');
    const [, curl = ''] = await programsFor('machine', app);
    const running = await run('curl', curl, { CLIENT_SECRET: app.secret });
    expect(await tokenFrom(running)).toMatchObject({ active: true, client_id: app.clientId });
  });

  it.each([
    ['web', 'https://app.example.com/callback'],
    ['spa', 'https://spa.example.com/?page=$(id)'],
    ['native', "com.example.app:/it's"],
    ['cli', 'http://127.0.0.1/callback'],
    ['agent', 'http://127.0.0.1/callback'],
  ] as const)('for an app of type %s', async (type, redirectUri) => {
    const app = await appOf(type, redirectUri);
    const [, curl = ''] = await programsFor(type, app);
    const running = await run('curl', curl, app.secret ? { CLIENT_SECRET: app.secret } : {});
    const [address] = await running.says(AUTHORIZE);
    const back = new URL(await goThrough(address)).searchParams;
    running.type(String(back.get('code')));
    expect(await tokenFrom(running)).toMatchObject({ active: true, client_id: app.clientId });
  });
});

describe('an app with a key', { timeout: 60_000 }, () => {
  /** Makes the pair with the command of the page about credentials, and registers what it prints. */
  async function keyed(app: App): Promise<{ 'private-key.pem': string }> {
    const [pair = ''] = programsOn(await visitor.open('/docs/credentials'));
    const folder = mkdtempSync(join(tmpdir(), 'pair-'));
    const keys = execFileSync('bash', ['-c', pair], { cwd: folder, encoding: 'utf8' });
    const change = { holderId: app.clientId, authMethod: 'private_key_jwt' } as const;
    ok(await addKeys(server.platform, OPERATOR, { holderId: app.clientId, label: 'Laptop', keys }));
    ok(await changeAuthMethod(server.platform, OPERATOR, change));
    return { 'private-key.pem': readFileSync(join(folder, 'private-key.pem'), 'utf8') };
  }

  it.each(['javascript', 'curl'] as const)('gets a token for itself, by %s', async (kind) => {
    const app = await appOf('machine');
    const files = await keyed(app);
    const programs = await programsFor('machine', app);
    // openssl leaves out zeros in front of a number: several signatures, to meet short ones.
    for (let tries = 0; tries < (kind === 'curl' ? 20 : 1); tries += 1) {
      const running = await run(kind, programs[kind === 'curl' ? 1 : 0] ?? '', {}, files);
      expect(await tokenFrom(running)).toMatchObject({ active: true, client_id: app.clientId });
    }
  });

  it.each(['javascript', 'curl'] as const)('gets a token for a person, by %s', async (kind) => {
    const app = await appOf('web', 'https://app.example.com/callback');
    const files = await keyed(app);
    const programs = await programsFor('web', app);
    const running = await run(kind, programs[kind === 'curl' ? 1 : 0] ?? '', {}, files);
    const [address] = await running.says(AUTHORIZE);
    const back = await goThrough(address);
    running.type(kind === 'curl' ? String(new URL(back).searchParams.get('code')) : back);
    expect(await tokenFrom(running)).toMatchObject({ active: true, client_id: app.clientId });
  });
});

describe('the program that protects an API', { timeout: 60_000 }, () => {
  it('lets in a token that is alive, meant for it and holds the scope, and says what is wrong with others', async () => {
    const other = await newApi(server.platform, { identifier: 'https://other.example' });
    const [javascript = ''] = programsOn(await visitor.open('/docs/protect-your-api'));
    const port = await freePort();
    const running = await run('javascript', javascript, { API_SECRET: api.secret, PORT: String(port) });
    await running.says(/ready/);
    const ask = async (token?: string) => {
      const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
      const answer = await fetch(`http://localhost:${port}/`, { headers });
      return [answer.status, answer.headers.get('WWW-Authenticate')];
    };
    const tokenOf = async (target: Notes, scope: string) => {
      const app = await newApp(server.platform, target, { type: 'machine', scopes: [scope] });
      const answer = await fetch(`${server.url}/token`, {
        method: 'POST',
        headers: { Authorization: `Basic ${btoa(`${app.clientId}:${app.secret}`)}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope, resource: target.identifier }),
      });
      return String(((await answer.json()) as Record<string, unknown>).access_token);
    };
    expect(await ask()).toEqual([401, 'Bearer']);
    expect(await ask('nonsense')).toEqual([401, 'Bearer error="invalid_token"']);
    expect(await ask(await tokenOf(other, 'notes:read'))).toEqual([401, 'Bearer error="invalid_token"']);
    const short = 'Bearer error="insufficient_scope", scope="notes:read"';
    expect(await ask(await tokenOf(api, 'notes:write'))).toEqual([403, short]);
    expect(await ask(await tokenOf(api, 'notes:read'))).toEqual([200, null]);
    await running.stop();
  });
});
