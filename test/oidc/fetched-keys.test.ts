import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { changeAuthMethod } from '../../src/developers/clients/credentials/auth-method.ts';
import { changeKeyAddress } from '../../src/developers/clients/credentials/key-address.ts';
import type { RunningServer } from '../../src/main.ts';
import { aSigningKey, asParams, assertionClaims, type SigningKey, signed } from '../support/assertions.ts';
import { ok } from '../support/developers.ts';
import { startTestServer } from '../support/server.ts';
import { type ShiftedTime, shiftTime } from '../support/time.ts';
import { type App, newApi, newApp, OPERATOR } from '../support/world.ts';
import { post } from './stage.ts';
import { PATIENCE } from '../support/patience.ts';

describe('an app whose keys are fetched from an address', () => {
  let shelf: Server;
  let origin: string;
  let published: unknown = {};
  let cache = 'max-age=31536000';
  let fetched = 0;
  let server: RunningServer;
  let app: App;
  let time: ShiftedTime | undefined;
  beforeAll(async () => {
    shelf = createServer((_req, res) => {
      fetched += 1;
      res.setHeader('Content-Type', 'application/json').setHeader('Cache-Control', cache);
      res.end(typeof published === 'string' ? published : JSON.stringify(published));
    });
    await new Promise<void>((resolve) => shelf.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(shelf.address() as AddressInfo).port}`;
    server = await startTestServer({ outboundAllow: [origin] });
    const api = await newApi(server.platform);
    app = await newApp(server.platform, api, { type: 'machine', scopes: ['notes:read'] });
  });
  afterEach(() => time?.restore());
  afterAll(async () => {
    await server.stop();
    shelf.close();
  });

  const publish = (...keys: SigningKey[]) => {
    published = { keys: keys.map(({ jwk }, at) => ({ ...jwk, kid: `key-${at}` })) };
  };
  const ask = async (key: SigningKey) => {
    const assertion = signed(key, assertionClaims(app.clientId, server.url));
    const params = { grant_type: 'client_credentials', ...asParams(assertion) };
    return (await post({ issuer: server.url }, '/token', undefined, params)).status;
  };
  const changeTo = (uri: string | null) =>
    changeKeyAddress(server.platform, OPERATOR, { holderId: app.clientId, uri });

  it.each([
    ['a page that says nothing of keys', '<h1>Welcome</h1>', /not a JSON Web Key Set/],
    ['no keys', { keys: [] }, /no key for ES256/],
    ['keys of another kind alone', { keys: [{ kty: 'oct', alg: 'HS256' }] }, /no key for ES256/],
    ['a private key', { keys: [aSigningKey().privateKey.export({ format: 'jwk' })] }, /private key/],
    ['more than is read', 'x'.repeat(50_000), /more than is read/],
  ])('is not switched to an address with %s', async (_what, found, sentence) => {
    published = found;
    const outcome = await changeTo(`${origin}/jwks`);
    expect(outcome).toMatchObject({ ok: false, reason: 'uri', sentence: expect.stringMatching(sentence) });
    expect(JSON.stringify(outcome)).not.toContain('Welcome');
  });

  it.each([
    'http://planner.example/jwks',
    'https://127.0.0.1/jwks',
    'https://10.0.0.1/jwks',
    'https://169.254.169.254/latest/meta-data',
    'https://user:secret@planner.example/jwks',
    'https://planner.example/jwks#keys',
    'https://localhost/jwks',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'ftp://planner.example/',
    '//planner.example/jwks',
    'jwks.json',
    '\u0000',
  ])('is not switched to %j, and nothing is fetched', async (uri) => {
    const before = fetched;
    expect(await changeTo(uri)).toMatchObject({ ok: false, reason: 'uri' });
    expect(fetched).toBe(before);
  });

  it('is let in with a key from there, with a new one soon, and with one that was taken away no more', async () => {
    const first = aSigningKey();
    const second = aSigningKey('EdDSA');
    publish(first);
    ok(await changeTo(`${origin}/jwks`));
    const change = { holderId: app.clientId, authMethod: 'private_key_jwt' } as const;
    ok(await changeAuthMethod(server.platform, OPERATOR, change));
    await expect.poll(() => ask(first), PATIENCE).toBe(200);
    const before = fetched;
    expect([await ask(first), await ask(first), fetched]).toEqual([200, 200, before]);
    publish(second);
    time = shiftTime(301);
    await expect.poll(() => ask(second), PATIENCE).toBe(200);
    expect(await ask(first)).toBe(401);
  });

  it('is refused, not broken, while nothing sensible is there', async () => {
    published = 'nothing of use';
    cache = 'no-store';
    time = shiftTime(700);
    expect(await ask(aSigningKey())).toBe(401);
  });

  it('keeps a way to prove itself: the address is not taken away before there is a key', async () => {
    expect(await changeTo(null)).toMatchObject({ ok: false, reason: 'in-use' });
  });
});
