import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeAuthMethod } from '../../src/developers/clients/credentials/auth-method.ts';
import { writeCredentialUses } from '../../src/developers/clients/credentials/credential-uses.ts';
import { addKeys, endKey, liveKeys } from '../../src/developers/clients/credentials/keys.ts';
import type { RunningServer } from '../../src/main.ts';
import type { Platform } from '../../src/platform/platform.ts';
import { aSigningKey, asParams, assertionClaims, type SigningKey, signed } from '../support/assertions.ts';
import { ok } from '../support/developers.ts';
import { startTestServer } from '../support/server.ts';
import { startTwoServers, type TwoServers } from '../support/two-servers.ts';
import { newApi, newApp, type Notes, OPERATOR } from '../support/world.ts';
import { type Answer, basicOf, type Params, post } from './stage.ts';

/** A change to an app is in force within this time (docs/decisions/0002). */
const FRESH = 600;
const GRANT = { grant_type: 'client_credentials' };

interface SigningApp {
  readonly clientId: string;
  readonly secret: string;
  readonly key: SigningKey;
}

/** A machine that proves itself with a key of its own. */
async function aSigningApp(
  platform: Platform,
  api: Notes,
  key: SigningKey = aSigningKey(),
  kid?: string,
): Promise<SigningApp> {
  const { clientId, secret } = await newApp(platform, api, { type: 'machine', scopes: ['notes:read'] });
  const keys = JSON.stringify({ ...key.jwk, ...(kid && { kid }) });
  ok(await addKeys(platform, OPERATOR, { holderId: clientId, label: 'Production', keys }));
  const change = { holderId: clientId, authMethod: 'private_key_jwt' } as const;
  ok(await changeAuthMethod(platform, OPERATOR, change));
  return { clientId, secret, key };
}

describe('an app that signs', () => {
  let server: RunningServer;
  let api: Notes;
  let app: SigningApp;
  let other: SigningApp;
  beforeAll(async () => {
    server = await startTestServer();
    api = await newApi(server.platform);
    app = await aSigningApp(server.platform, api);
    other = await aSigningApp(server.platform, api);
  });
  afterAll(() => server.stop());

  const claimsOf = (changes: Record<string, unknown> = {}, of = app) =>
    assertionClaims(of.clientId, server.url, changes);
  const ask = (params: Params, headers: Record<string, string> = {}, path = '/token'): Promise<Answer> =>
    post({ issuer: server.url }, path, undefined, { ...GRANT, ...params }, headers);
  const present = (assertion: string, more: Params = {}) => ask({ ...asParams(assertion), ...more });

  function expectUnknown(answer: Answer): void {
    expect([answer.status, answer.body]).toEqual([
      401,
      { error: 'invalid_client', error_description: 'client authentication failed' },
    ]);
  }

  it.each(['ES256', 'PS256', 'RS256', 'EdDSA', 'Ed25519'] as const)('is let in with %s', async (alg) => {
    const signing = await aSigningApp(server.platform, api, aSigningKey(alg));
    const answer = await present(signed(signing.key, claimsOf({}, signing)));
    expect([answer.status, answer.body.error_description]).toEqual([200, undefined]);
  });

  it.each([{}, { typ: 'JWT' }, { typ: 'client-authentication+jwt' }])(
    'may say of what type its assertion is: %j',
    async (header) => {
      expect((await present(signed(app.key, claimsOf(), header))).status).toBe(200);
    },
  );

  it('may have a clock that is ten seconds ahead, or say nothing of when it signed', async () => {
    const ahead = Math.floor(Date.now() / 1000) + 10;
    for (const claims of [{ iat: ahead, nbf: ahead }, { iat: undefined }]) {
      expect((await present(signed(app.key, claimsOf(claims)))).status).toBe(200);
    }
  });

  it('may name itself beside it', async () => {
    const named = { client_id: app.clientId };
    expect((await present(signed(app.key, claimsOf()), named)).status).toBe(200);
    const another = await present(signed(app.key, claimsOf()), { client_id: other.clientId });
    expect([another.status, another.body.error]).toEqual([400, 'invalid_request']);
  });

  const seconds = () => Math.floor(Date.now() / 1000);
  const wrongClaims: [string, () => Record<string, unknown>][] = [
    ['is for the token endpoint', () => ({ aud: `${server.url}/token` })],
    ['is for a list of the issuer alone', () => ({ aud: [server.url] })],
    ['is for the issuer and others', () => ({ aud: [server.url, 'https://evil.example'] })],
    ['is for the issuer with a slash', () => ({ aud: `${server.url}/` })],
    ['is for the introspection endpoint', () => ({ aud: `${server.url}/token/introspection` })],
    ['is for another server', () => ({ aud: 'https://evil.example' })],
    ['is for nobody', () => ({ aud: undefined })],
    ['is for an object', () => ({ aud: { iss: server.url } })],
    ['has no issuer', () => ({ iss: undefined })],
    ['has another issuer', () => ({ iss: other.clientId })],
    ['has the server as issuer', () => ({ iss: server.url })],
    ['has no end', () => ({ exp: undefined })],
    ['has ended', () => ({ exp: seconds() - 60 })],
    ['ends in an hour', () => ({ exp: seconds() + 3600 })],
    ['ends in six minutes', () => ({ exp: seconds() + 360 })],
    ['ends in words', () => ({ exp: String(seconds() + 60) })],
    ['ends never', () => ({ exp: Number.MAX_SAFE_INTEGER })],
    ['was made in two minutes', () => ({ iat: seconds() + 120 })],
    ['begins in a minute', () => ({ nbf: seconds() + 60 })],
    ['begins in words', () => ({ nbf: 'now' })],
    ['has no jti', () => ({ jti: undefined })],
    ['has an empty jti', () => ({ jti: '' })],
    ['has a number as jti', () => ({ jti: 7 })],
    ['has an object as jti', () => ({ jti: { a: 1 } })],
    ['has a very long jti', () => ({ jti: 'x'.repeat(300) })],
  ];
  it.each(wrongClaims)('is refused where its assertion %s', async (_what, changes) => {
    expectUnknown(await present(signed(app.key, claimsOf(changes()))));
  });

  it('is refused where its assertion is about another app, or about nobody', async () => {
    expectUnknown(await present(signed(app.key, claimsOf({ sub: other.clientId }))));
    expectUnknown(await present(signed(app.key, claimsOf({ sub: other.clientId, iss: other.clientId }))));
    expectUnknown(await present(signed(app.key, claimsOf({ sub: 'app_22222222222222222222' }))));
    expectUnknown(await present(signed(app.key, claimsOf({ sub: undefined }))));
  });

  const wrongHeaders: [string, Record<string, unknown>][] = [
    ['of a DPoP proof', { typ: 'dpop+jwt' }],
    ['of an access token', { typ: 'at+jwt' }],
    ['of a logout token', { typ: 'logout+jwt' }],
    ['that is no text', { typ: 7 }],
  ];
  it.each(wrongHeaders)('is refused where its assertion has the type %s', async (_what, header) => {
    expectUnknown(await present(signed(app.key, claimsOf(), header)));
  });

  it('is refused with a key it has not registered, whatever the assertion says of it', async () => {
    const stranger = aSigningKey();
    const { kid } = (await liveKeys(server.platform, app.clientId))[0] ?? {};
    for (const header of [{}, { kid }, { jwk: stranger.jwk }, { jku: 'https://evil.example/jwks' }]) {
      expectUnknown(await present(signed(stranger, claimsOf(), header)));
    }
    expectUnknown(await present(signed(app.key, claimsOf(), { kid: 'unknown' })));
    expectUnknown(await present(signed(app.key, claimsOf(), { crit: ['b64'], b64: false })));
  });

  it('is refused where nothing or a public value signed', async () => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const alg of ['none', 'None', 'NONE']) {
      expectUnknown(await present(`${part({ alg })}.${part(claimsOf())}.`));
    }
    const input = `${part({ alg: 'HS256' })}.${part(claimsOf())}`;
    for (const secret of [JSON.stringify(app.key.jwk), app.secret, '']) {
      const mac = createHmac('sha256', secret).update(input).digest('base64url');
      expectUnknown(await present(`${input}.${mac}`));
    }
    const good = signed(app.key, claimsOf());
    const forged = `${good.split('.')[0]}.${part(claimsOf({ scope: 'more' }))}.${good.split('.')[2]}`;
    expectUnknown(await present(forged));
  });

  it.each(['', 'x', 'a.b', 'a.b.c', '..', 'e30.e30.', 'null.null.null', 'x'.repeat(5_000)])(
    'gets a plain answer to %j',
    async (assertion) => {
      const { status, body } = await present(assertion);
      expect([400, 401]).toContain(status);
      expect(['invalid_request', 'invalid_client']).toContain(body.error);
    },
  );

  it('needs the right type of assertion, once', async () => {
    const client_assertion = signed(app.key, claimsOf());
    const saml = 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer';
    for (const client_assertion_type of [undefined, '', 'jwt', saml]) {
      const answer = await ask({ client_assertion, client_assertion_type });
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
    }
    const twice = await ask({
      ...asParams(client_assertion),
      client_assertion: [client_assertion, client_assertion],
    });
    expect([twice.status, twice.body.error]).toEqual([400, 'invalid_request']);
    expect((await present(client_assertion)).status).toBe(200);
  });

  it('may not use its secret, alone or beside the assertion', async () => {
    expectUnknown(await ask({ client_id: app.clientId, client_secret: app.secret }));
    expectUnknown(await ask({}, { Authorization: basicOf(app) }));
    expectUnknown(await ask({ client_id: app.clientId }));
    const both = await ask(asParams(signed(app.key, claimsOf())), { Authorization: basicOf(app) });
    expect([both.status, both.body.error]).toEqual([400, 'invalid_request']);
    const posted = await present(signed(app.key, claimsOf()), { client_secret: app.secret });
    expect([posted.status, posted.body.error]).toEqual([400, 'invalid_request']);
  });

  it('may not sign while it is registered with a secret', async () => {
    const signing = await aSigningApp(server.platform, api);
    const change = { holderId: signing.clientId, authMethod: 'client_secret_basic' } as const;
    ok(await changeAuthMethod(server.platform, OPERATOR, change));
    expectUnknown(await present(signed(signing.key, claimsOf({}, signing))));
    expect((await ask({}, { Authorization: basicOf(signing) })).status).toBe(200);
  });

  it('uses an assertion once, wherever it presents it, also after a refusal', async () => {
    const assertion = signed(app.key, claimsOf());
    expect((await present(assertion)).status).toBe(200);
    expectUnknown(await present(assertion));
    for (const path of ['/token/introspection', '/token/revocation']) {
      expectUnknown(await ask({ ...asParams(assertion), token: 'x' }, {}, path));
    }
    const refused = signed(app.key, claimsOf());
    expect((await present(refused, { scope: 'nothing:here' })).status).toBe(400);
    const again = await present(refused);
    expectUnknown(again);
    expect(again.headers.get('WWW-Authenticate')).toMatch(/^Basic /);
  });

  it('may use the same jti as another app', async () => {
    const jti = 'the same';
    expect((await present(signed(app.key, claimsOf({ jti })))).status).toBe(200);
    expect((await present(signed(other.key, claimsOf({ jti }, other)))).status).toBe(200);
    expectUnknown(await present(signed(app.key, claimsOf({ jti }))));
  });

  it('is refused within a second of the end of its key, and of its last one too', async () => {
    const signing = await aSigningApp(server.platform, api, aSigningKey(), 'first');
    const next = aSigningKey('EdDSA');
    const more = { holderId: signing.clientId, label: 'Next', keys: JSON.stringify(next.jwk) };
    ok(await addKeys(server.platform, OPERATOR, more));
    await sleep(FRESH);
    expect((await present(signed(signing.key, claimsOf({}, signing), { kid: 'first' }))).status).toBe(200);
    expect((await present(signed(next, claimsOf({}, signing)))).status).toBe(200);
    for (const { id } of await liveKeys(server.platform, signing.clientId)) {
      ok(await endKey(server.platform, OPERATOR, { holderId: signing.clientId, keyId: id }));
    }
    await sleep(FRESH);
    expectUnknown(await present(signed(signing.key, claimsOf({}, signing), { kid: 'first' })));
    expectUnknown(await present(signed(next, claimsOf({}, signing))));
  });

  it('leaves a trace of which key it used, also where the assertion does not name it', async () => {
    const signing = await aSigningApp(server.platform, api, aSigningKey(), 'named');
    const nameless = aSigningKey();
    const more = { holderId: signing.clientId, label: 'Next', keys: JSON.stringify(nameless.jwk) };
    ok(await addKeys(server.platform, OPERATOR, more));
    const used = async () => {
      await writeCredentialUses(server.platform);
      const keys = await liveKeys(server.platform, signing.clientId);
      return keys.filter(({ lastUsedAt }) => lastUsedAt !== null).map(({ label }) => label);
    };
    await present(signed(nameless, claimsOf({}, signing)));
    expect(await used()).toEqual(['Next']);
    await present(signed(signing.key, claimsOf({}, signing), { kid: 'named' }));
    expect(await used()).toEqual(['Next', 'Production']);
  });
});

describe('fifty uses of one assertion at once, over two processes', { timeout: 120_000 }, () => {
  let two: TwoServers;
  beforeAll(async () => {
    two = await startTwoServers();
  }, 60_000);
  afterAll(() => two.stop());

  it('let the app in once', async () => {
    const app = await aSigningApp(two.platform, await newApi(two.platform));
    for (let round = 0; round < 3; round += 1) {
      const assertion = signed(app.key, assertionClaims(app.clientId, two.issuer));
      const fields = { ...GRANT, ...asParams(assertion) };
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, turn) => two.post(turn, '/token', fields)),
      );
      const statuses = answers.map(({ status }) => status);
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.filter((status) => status === 401)).toHaveLength(49);
      expect(answers.find(({ status }) => status === 401)?.json().error).toBe('invalid_client');
    }
  });
});
