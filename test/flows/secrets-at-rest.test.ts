import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { openPlatform } from '../../src/platform/platform.ts';
import { type EmbeddedWorld, startEmbeddedWorld } from '../support/embedded-world.ts';
import { startReceiver } from '../support/event-receiver.ts';
import { gatehouse } from '../support/operator.ts';
import { silentLog } from '../support/platform.ts';
import { allow, introspect, postAs, relyingParty } from '../support/relying-party.ts';
import { Visitor } from '../support/visitor.ts';
import { codeOf, signUp } from '../support/world.ts';

/** Every way a value could be written down. */
function spellings(secret: string): Buffer[] {
  const bytes = Buffer.from(secret);
  return (['utf8', 'hex', 'base64', 'base64url'] as const)
    .flatMap((encoding) => [bytes.toString(encoding), bytes.toString(encoding).toUpperCase()])
    .map((text) => Buffer.from(text.replace(/=+$/, '')));
}

describe('after a whole journey', () => {
  let world: EmbeddedWorld;
  /** What was handed out, by what it is. */
  const issued = new Map<string, string>();
  beforeAll(async () => {
    world = await startEmbeddedWorld();
    await journey();
  }, 60_000);
  afterAll(() => world.stop());

  it('no table, data file, write-ahead log or log line holds anything that was issued', async () => {
    const text = await everyTableAsText();
    expect(text.length).toBeGreaterThan(10_000);
    expect(await world.server.kill('SIGTERM')).toBe(0);
    const places = new Map([
      ['the tables', Buffer.from(text)],
      ['the log of the server', Buffer.from(world.server.output())],
      ...(await filesUnder(world.dataDir)),
    ]);
    expect([...places.keys()].some((name) => name.includes('pg_wal'))).toBe(true);
    const found: string[] = [];
    for (const [what, secret] of issued) {
      for (const needle of spellings(secret)) {
        for (const [place, content] of places) {
          if (content.includes(needle)) found.push(`${what} in ${place}`);
        }
      }
    }
    expect(issued.size).toBeGreaterThan(20);
    expect(found).toEqual([]);
  });

  it('the search itself finds what is there', async () => {
    const places = await filesUnder(world.dataDir);
    const needle = Buffer.from('new@example.org');
    expect([...places.values()].some((content) => content.includes(needle))).toBe(true);
  });

  async function journey(): Promise<void> {
    const visitor = new Visitor(world.issuer);
    const party = await relyingParty(world.issuer, world.web);
    const request = await party.request({ scope: 'openid email notes:read notes:write offline_access' });
    const { page, person, code } = await signUp(visitor, await visitor.open(request.url), 'new@example.org');
    keep({ password: person.password, 'TOTP seed': person.seed, 'mail code': code });
    issued.set('TOTP code', await codeOf(person));
    const callback = await allow(visitor, page);
    keep({ 'authorization code': String(new URL(callback.location ?? '').searchParams.get('code')) });
    const tokens = await party.redeem(request, callback);
    keepTokens('web', tokens);
    keepTokens('renewed', await party.refresh(String(tokens.refresh_token)));
    await introspect(world.issuer, world.api, tokens.access_token);
    await rotateThrice(visitor);
    await pushRequest(visitor);
    await askForPasskey(visitor);
    await tellEvents();
    const hinted = await party.request({ prompt: 'none', id_token_hint: String(tokens.id_token) });
    await visitor.open(hinted.url);
    const waiting = await party.request({ prompt: 'login', id_token_hint: String(tokens.id_token) });
    await visitor.open(waiting.url);
    const machine = await postAs(world.issuer, '/token', world.machine, { grant_type: 'client_credentials' });
    keep({ 'service token': ((await machine.json()) as { access_token: string }).access_token });
    keep({
      'web secret': world.web.secret,
      'API secret': world.api.secret,
      'machine secret': world.machine.secret,
    });
    for (const [name, value] of visitor.cookies.all()) {
      if (!name.endsWith('.sig')) keep({ [`cookie ${name}`]: value });
    }
    await oidc.tokenRevocation(party.config, tokens.access_token);
    await visitor.submit(await visitor.open('/sign-out'), 'Sign out');
  }

  async function rotateThrice(visitor: Visitor): Promise<void> {
    const party = await relyingParty(world.issuer, world.spa);
    const request = await party.request({ scope: 'openid notes:read offline_access' });
    let tokens = await party.redeem(request, await allow(visitor, await visitor.open(request.url)));
    for (let turn = 0; turn < 3; turn += 1) {
      keepTokens(`rotation ${turn}`, tokens);
      tokens = await party.refresh(String(tokens.refresh_token));
    }
    keepTokens('last rotation', tokens);
  }

  async function pushRequest(visitor: Visitor): Promise<void> {
    const party = await relyingParty(world.issuer, world.web);
    const verifier = oidc.randomPKCECodeVerifier();
    const url = await oidc.buildAuthorizationUrlWithPAR(party.config, {
      redirect_uri: world.web.redirectUri,
      scope: 'openid notes:read',
      prompt: 'consent',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const pushed = String(url.searchParams.get('request_uri'));
    keep({ 'pushed request': pushed.slice(pushed.lastIndexOf(':') + 1) });
    const consent = await visitor.open(url.href);
    expect(consent.title).toContain('Notebook');
  }

  /** What signs events has to be kept, and is sealed; so is the one before it, and what is on its way. */
  async function tellEvents(): Promise<void> {
    const receiver = await startReceiver();
    const env = { ...world.env, OUTBOUND_ALLOW: receiver.origin };
    const api = ['--api', world.api.identifier];
    const add = ['api', 'event-target', 'add', ...api, '--url', `${receiver.origin}/events`];
    const target = await gatehouse(env, add);
    const named = [...api, '--target', String(target.id)];
    const rotated = await gatehouse(env, ['api', 'event-target', 'rotate', ...named]);
    keep({ 'event secret': String(target.secret).slice(6, -1) });
    keep({ 'newer event secret': String(rotated.secret).slice(6, -1) });
    await gatehouse(env, ['api', 'event-target', 'test', ...named]);
    await receiver.close();
  }

  async function askForPasskey(visitor: Visitor): Promise<void> {
    const [form] = (await visitor.open('/sign-in/passkey')).forms;
    const asked = await visitor.post('/sign-in/passkey/challenges', Object.fromEntries(form?.fields ?? []));
    keep({ 'passkey challenge': JSON.parse(asked.html).challenge });
  }

  function keep(values: Readonly<Record<string, string>>): void {
    for (const [what, secret] of Object.entries(values)) {
      expect(secret.length, what).toBeGreaterThan(5);
      issued.set(what, secret);
    }
  }

  function keepTokens(
    when: string,
    tokens: { access_token: string; refresh_token?: string; id_token?: string },
  ): void {
    keep({ [`${when} access token`]: tokens.access_token });
    if (tokens.refresh_token) keep({ [`${when} refresh token`]: tokens.refresh_token });
    if (tokens.id_token) keep({ [`${when} ID token`]: tokens.id_token });
  }

  async function everyTableAsText(): Promise<string> {
    const loaded = loadConfig(world.env);
    if (!loaded.ok) throw new Error(loaded.faults.join());
    const platform = await openPlatform(loaded.config, { log: silentLog });
    const { rows: tables } = await platform.pool.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
    );
    const parts: string[] = [];
    for (const { name } of tables) {
      const { rows } = await platform.pool.query<{ text: string }>(`SELECT t::text AS text FROM "${name}" t`);
      parts.push(name, ...rows.map(({ text }) => text));
    }
    await platform.close();
    return parts.join('\n');
  }
});

async function filesUnder(directory: string): Promise<Map<string, Buffer>> {
  const names = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(await Promise.all(files.map(async (file) => [file, await readFile(file)] as const)));
}
