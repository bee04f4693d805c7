import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../src/main.ts';
import { startTestServer } from '../support/server.ts';

const DOCUMENTS = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server', '/jwks'];

interface Raw {
  readonly status: number;
  readonly body: string;
  readonly location: string | undefined;
}

describe('what the server says about itself', () => {
  let server: RunningServer;
  let metadata: Record<string, unknown>;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.stop());

  /** A request with every header, Host included, exactly as given. */
  function raw(path: string, headers: Readonly<Record<string, string | string[]>> = {}): Promise<Raw> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: server.port, path, headers };
      request(options, async (response) => {
        let body = '';
        for await (const chunk of response) body += chunk;
        resolve({ status: response.statusCode ?? 0, body, location: response.headers.location });
      })
        .on('error', reject)
        .end();
    });
  }

  // First of all: nobody has read the documents yet, and the first reader must not decide what the next ones see.
  describe('is the same whatever a request claims to be for', () => {
    const here = () => hostOf(server);
    const hosts: [string, () => string][] = [
      ['another name', () => 'evil.example'],
      ['another port', () => 'localhost:1'],
      ['no port', () => 'localhost'],
      ['the address behind the name', () => `127.0.0.1:${server.port}`],
      ['the IPv6 address', () => `[::1]:${server.port}`],
      ['a trailing dot', () => `localhost.:${server.port}`],
      ['a longer name', () => `localhost.evil.example:${server.port}`],
      ['a user before it', () => `evil@${here()}`],
      ['ours as a user', () => `${here()}@evil.example`],
      ['a list', () => `${here()}, evil.example`],
      ['a path after it', () => `${here()}/evil`],
      ['a space after it', () => `${here()} evil.example`],
      ['nothing', () => ''],
      ['capitals', () => here().toUpperCase()],
    ];
    it.each(hosts)('a Host with %s', async (_what, host) => {
      await expectTruthOr421({ Host: host() });
    });

    it.each<Record<string, string>>([
      { 'X-Forwarded-Host': 'evil.example' },
      { 'X-Forwarded-Host': 'evil.example, evil.example' },
      { 'X-Forwarded-Proto': 'https' },
      { 'X-Forwarded-Port': '443' },
      { 'X-Forwarded-Prefix': '/evil' },
      { 'X-Forwarded-Server': 'evil.example' },
      { 'X-Forwarded-Ssl': 'on' },
      { 'X-Forwarded-For': '127.0.0.1', 'X-Forwarded-Host': 'evil.example' },
      { 'X-Original-Host': 'evil.example' },
      { 'X-Original-URL': '/jwks' },
      { 'X-Rewrite-URL': '/jwks' },
      { 'X-Host': 'evil.example' },
      { 'X-HTTP-Host-Override': 'evil.example' },
      { 'X-HTTP-Method-Override': 'POST' },
      { Forwarded: 'for=127.0.0.1;host=evil.example;proto=https' },
      { 'Front-End-Https': 'on' },
      { 'X-Url-Scheme': 'https' },
      { Via: '1.1 evil.example' },
      { Origin: 'https://evil.example' },
      { Accept: 'text/html' },
    ])('with %j', async (headers) => {
      await expectTruthOr421({ Host: here(), ...headers });
    });

    it('as the target of a proxy request', async () => {
      for (const path of DOCUMENTS) {
        expect((await raw(`http://evil.example${path}`, { Host: here() })).status).toBe(421);
      }
    });

    async function expectTruthOr421(headers: Readonly<Record<string, string>>): Promise<void> {
      for (const path of DOCUMENTS) {
        const { status, body } = await raw(path, headers);
        expect([200, 400, 421]).toContain(status);
        expect(body).not.toContain('evil');
        if (status !== 200) continue;
        const clean = await raw(path, { Host: here() });
        expect(body).toBe(clean.body);
        if (path !== '/jwks') expectTruth(JSON.parse(body));
      }
    }

    function expectTruth(document: Record<string, unknown>): void {
      expect(document.issuer).toBe(server.url);
      for (const [name, value] of Object.entries(document)) {
        if (/_endpoint$|_uri$/.test(name)) expect(String(value)).toMatch(`${server.url}/`);
      }
    }
  });

  it('both discovery documents are the same, byte for byte', async () => {
    const [openid, oauth] = await Promise.all(DOCUMENTS.map((path) => raw(path, { Host: hostOf(server) })));
    expect(openid?.status).toBe(200);
    expect(oauth?.body).toBe(openid?.body);
  });

  describe('is true', () => {
    beforeAll(async () => {
      metadata = (await (await fetch(`${server.url}${DOCUMENTS[0]}`)).json()) as Record<string, unknown>;
    });

    it.each([
      ['response_types_supported', ['code']],
      ['response_modes_supported', ['query', 'form_post']],
      ['grant_types_supported', ['authorization_code', 'refresh_token', 'client_credentials']],
      [
        'token_endpoint_auth_methods_supported',
        ['private_key_jwt', 'client_secret_basic', 'client_secret_post', 'none'],
      ],
      ['token_endpoint_auth_signing_alg_values_supported', ['ES256', 'PS256', 'RS256', 'EdDSA', 'Ed25519']],
      ['code_challenge_methods_supported', ['S256']],
      ['subject_types_supported', ['pairwise']],
      ['id_token_signing_alg_values_supported', ['ES256', 'RS256']],
      ['scopes_supported', ['openid', 'profile', 'email', 'offline_access']],
      ['acr_values_supported', ['aal1', 'aal2', 'phr']],
      ['ui_locales_supported', ['ar', 'de', 'en']],
      ['prompt_values_supported', ['none', 'login', 'consent', 'select_account']],
      ['authorization_response_iss_parameter_supported', true],
      ['claims_parameter_supported', false],
      ...['revocation', 'introspection'].flatMap((name): [string, string[]][] => [
        [
          `${name}_endpoint_auth_methods_supported`,
          ['private_key_jwt', 'client_secret_basic', 'client_secret_post', 'none'],
        ],
        [
          `${name}_endpoint_auth_signing_alg_values_supported`,
          ['ES256', 'PS256', 'RS256', 'EdDSA', 'Ed25519'],
        ],
      ]),
      ['request_uri_parameter_supported', false],
    ])('%s is %j', (name, value) => {
      expect(metadata[name]).toEqual(value);
    });

    it.each([
      'registration_endpoint',
      'device_authorization_endpoint',
      'backchannel_authentication_endpoint',
      'backchannel_logout_supported',
      'frontchannel_logout_supported',
      'check_session_iframe',
      'challenge_endpoint',
      'request_parameter_supported',
      'request_object_signing_alg_values_supported',
      'tls_client_certificate_bound_access_tokens',
      'authorization_details_types_supported',
      'introspection_signing_alg_values_supported',
      'authorization_signing_alg_values_supported',
      'client_id_metadata_document_supported',
    ])('%s is not announced', (name) => {
      expect(metadata).not.toHaveProperty(name);
    });

    it('promises no claim that nobody gets', () => {
      const claims = [
        'sub',
        'iss',
        'acr',
        'amr',
        'auth_time',
        'name',
        'updated_at',
        'email',
        'email_verified',
      ];
      expect(new Set(metadata.claims_supported as string[])).toEqual(new Set(claims));
    });

    it('its documentation is there', async () => {
      expect(metadata.service_documentation).toBe(`${server.url}/docs`);
      expect((await fetch(String(metadata.service_documentation))).status).toBe(200);
    });

    it('every announced address answers', async () => {
      for (const [name, address] of Object.entries(metadata)) {
        if (!/_endpoint$|_uri$/.test(name)) continue;
        const { status } = await fetch(String(address), { method: 'POST', redirect: 'manual' });
        expect([200, 400, 401, 405, 415], name).toContain(status);
      }
    });

    it.each(['/reg', '/device', '/device/auth', '/backchannel', '/challenge', '/credential', '/me', '/auth'])(
      'nothing answers at %s',
      async (path) => {
        const statuses = await Promise.all(
          ['GET', 'POST'].map(async (method) => (await fetch(server.url + path, { method })).status),
        );
        expect(statuses).toEqual([404, 404]);
      },
    );
  });

  it.each(['/JWKS', '/jwks/', '/Token', '/token/', '/AUTHORIZE', '/authorize//', '/token/Introspection'])(
    'an address spelled %s is not one of ours',
    async (path) => {
      expect((await raw(path, { Host: hostOf(server) })).status).toBe(404);
    },
  );

  it.each([
    ['/token', 'GET'],
    ['/token', 'DELETE'],
    ['/token/introspection', 'GET'],
    ['/token/revocation', 'PUT'],
    ['/par', 'GET'],
    ['/authorize', 'PUT'],
    ['/session/end', 'DELETE'],
    ['/jwks', 'POST'],
    ['/session/end/confirm', 'GET'],
  ])('%s does not answer %s, and says what it answers', async (path, method) => {
    const response = await fetch(server.url + path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('Allow')).toMatch(/GET|POST/);
    expect(await response.text()).toContain('requests only');
  });

  describe('the published keys', () => {
    let keys: Record<string, string>[];
    beforeAll(async () => {
      keys = ((await (await fetch(`${server.url}/jwks`)).json()) as { keys: Record<string, string>[] }).keys;
    });

    it('have no private part', () => {
      const allowed = ['kty', 'kid', 'alg', 'use', 'crv', 'x', 'y', 'n', 'e'];
      expect(keys.flatMap((key) => Object.keys(key)).filter((name) => !allowed.includes(name))).toEqual([]);
    });

    it('each have an id of their own, an algorithm and a use', () => {
      expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length);
      expect(keys.every(({ kid, alg, use }) => kid && alg && use === 'sig')).toBe(true);
    });

    it('are there for both algorithms, the next ones ahead of their use', () => {
      const algs = keys.map(({ alg }) => alg).sort();
      expect(algs).toEqual(['ES256', 'ES256', 'RS256', 'RS256']);
    });
  });

  it.each(DOCUMENTS)(
    '%s is open to every origin, may be cached for a minute and be asked for again',
    async (path) => {
      const first = await fetch(server.url + path, { headers: { Origin: 'https://anywhere.example' } });
      expect(first.headers.get('Access-Control-Allow-Origin')).toBe('*');
      expect(first.headers.get('Access-Control-Allow-Credentials')).toBeNull();
      expect(first.headers.get('Cache-Control')).toBe('public, max-age=60');
      const etag = String(first.headers.get('ETag'));
      expect((await raw(path, { Host: hostOf(server), 'If-None-Match': etag })).status).toBe(304);
    },
  );
});

function hostOf({ url }: RunningServer): string {
  return new URL(url).host;
}
