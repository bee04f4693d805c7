import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTrustDomain } from '../../src/accounts/trust-domains.ts';
import { ok } from '../support/developers.ts';
import { type App, newApp, OPERATOR } from '../support/world.ts';
import {
  authorizePath,
  codeFor,
  issued,
  openStage,
  post,
  redeem,
  refresh,
  type Stage,
  tokensFor,
} from './stage.ts';

const OURS = 'https://spa.example.com';
const ENDPOINTS = ['/token', '/par', '/token/introspection', '/token/revocation', '/userinfo'];

/** Which pages of other sites may read our answers in a browser: those an app redirects to, and only about that app. */
describe('a page of another site', () => {
  let stage: Stage;
  let spa: App;
  let web: App;
  let native: App;
  beforeAll(async () => {
    stage = await openStage();
    const { platform } = stage.server;
    const of = { firstParty: true } as const;
    spa = await newApp(platform, stage.api, { ...of, type: 'spa', redirectUris: [`${OURS}/callback`] });
    web = await newApp(platform, stage.api, { ...of, redirectUris: ['https://web.example.com/callback'] });
    native = await newApp(platform, stage.api, {
      ...of,
      type: 'native',
      redirectUris: ['com.example.app:/callback'],
    });
  });
  afterAll(() => stage.server.stop());

  const STRANGERS = [
    'https://evil.example',
    'null',
    'http://spa.example.com',
    'https://spa.example.com:8443',
    'https://spa.example.com.evil.example',
    'https://evil.spa.example.com',
    'https://SPA.example.com',
    'https://spa.example.com/',
    'https://web.example.com',
    'com.example.app:',
    'file://',
    '*',
  ];

  const allowed = ({ headers }: { headers: Headers }) => headers.get('Access-Control-Allow-Origin');

  it('that the app redirects to may read tokens, and gets no cookie for it', async () => {
    const code = await codeFor(stage, spa);
    const answer = await redeem(stage, spa, code, {}, { Origin: OURS });
    expect(answer.status).toBe(200);
    expect(allowed(answer)).toBe(OURS);
    expect(answer.headers.get('Access-Control-Allow-Credentials')).toBeNull();
    expect(answer.headers.get('Vary')).toContain('Origin');
    const renewed = await refresh(stage, spa, issued(answer).refresh_token, {}, { Origin: OURS });
    expect(allowed(renewed)).toBe(OURS);
  });

  it.each(STRANGERS)('that it does not redirect to may not: %s', async (origin) => {
    const code = await codeFor(stage, spa);
    const answer = await redeem(stage, spa, code, {}, { Origin: origin });
    expect([answer.status, allowed(answer)]).toEqual([400, null]);
    expect(answer.text).not.toContain('gate_');
    expect((await redeem(stage, spa, code)).status).toBe(200);
  });

  it.each(STRANGERS)('from elsewhere learns nothing of a person: %s', async (origin) => {
    const { access_token: token } = await tokensFor(stage, spa, { scope: 'openid email' });
    const headers = { Authorization: `Bearer ${token}`, Origin: origin };
    const response = await fetch(`${stage.issuer}/userinfo`, { headers });
    expect([response.status, allowed(response)]).toEqual([400, null]);
    expect(await response.text()).not.toContain('@');
  });

  it('of one app learns nothing about another', async () => {
    const { access_token: token } = await tokensFor(stage, web, { scope: 'openid email' });
    const headers = { Authorization: `Bearer ${token}`, Origin: OURS };
    expect(allowed(await fetch(`${stage.issuer}/userinfo`, { headers }))).toBeNull();
    const answer = await post(stage, '/token/revocation', web, { token }, { Origin: OURS });
    expect([answer.status, allowed(answer)]).toEqual([400, null]);
    expect(
      (await fetch(`${stage.issuer}/userinfo`, { headers: { Authorization: `Bearer ${token}` } })).status,
    ).toBe(200);
  });

  it('is not what a native app has, or an API', async () => {
    for (const origin of ['null', 'com.example.app:', OURS]) {
      const code = await codeFor(stage, native);
      expect(allowed(await redeem(stage, native, code, {}, { Origin: origin }))).toBeNull();
      const asked = await post(stage, '/token/introspection', stage.api, { token: 'x' }, { Origin: origin });
      expect(allowed(asked)).toBeNull();
    }
  });

  it('reads only that something is wrong where no client is known yet: nothing of anybody, and no credentials', async () => {
    const strange = { Origin: 'https://evil.example' };
    for (const path of ENDPOINTS) {
      const answer = await post(stage, path, { clientId: 'nobody', secret: 'x' }, { token: 'x' }, strange);
      expect(answer.status, path).toBeGreaterThanOrEqual(400);
      expect(Object.keys(answer.body).sort(), path).toEqual(['error', 'error_description']);
      expect(answer.headers.get('Access-Control-Allow-Credentials'), path).toBeNull();
      expect(answer.headers.get('Set-Cookie'), path).toBeNull();
    }
  });

  it('of another trust domain is let in no more than any other', async () => {
    const { platform } = stage.server;
    const { domain } = ok(await createTrustDomain(platform, OPERATOR, { name: 'staff' }));
    const redirectUris = ['https://inside.example.com/callback'];
    await newApp(platform, stage.api, { type: 'spa', redirectUris, trustDomainId: domain.id });
    const code = await codeFor(stage, spa);
    const answer = await redeem(stage, spa, code, {}, { Origin: 'https://inside.example.com' });
    expect([answer.status, allowed(answer)]).toEqual([400, null]);
  });

  it('may read what is published, whoever it is', async () => {
    for (const path of [
      '/jwks',
      '/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server',
    ]) {
      const answer = await fetch(stage.issuer + path, { headers: { Origin: 'https://evil.example' } });
      expect([answer.status, allowed(answer)], path).toEqual([200, '*']);
    }
  });

  it('called null is never let in, whoever asks and whatever goes wrong', async () => {
    const headers = { Origin: 'null' };
    for (const path of ENDPOINTS) {
      for (const caller of [undefined, spa, { clientId: 'nobody', secret: '' }]) {
        expect(allowed(await post(stage, path, caller, { token: 'x' }, headers)), path).toBeNull();
      }
      const preflight = { ...headers, 'Access-Control-Request-Method': 'POST' };
      const response = await fetch(stage.issuer + path, { method: 'OPTIONS', headers: preflight });
      expect(allowed(response), path).toBeNull();
    }
  });

  it('may ask first, and is never offered credentials', async () => {
    for (const path of ENDPOINTS) {
      const headers = {
        Origin: OURS,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'dpop',
      };
      const response = await fetch(stage.issuer + path, { method: 'OPTIONS', headers });
      expect(response.status).toBe(204);
      expect(allowed(response)).toBe(OURS);
      expect(response.headers.get('Access-Control-Allow-Credentials')).toBeNull();
      expect(response.headers.get('Access-Control-Allow-Methods')).toMatch(/^(GET,)?POST$/);
    }
  });

  it('never reads what a browser does here: authorization, pages and sign-out', async () => {
    const paths = [
      authorizePath(spa),
      '/sign-in',
      '/account',
      '/session/end',
      '/session/end/success',
      '/mailbox',
      '/',
    ];
    for (const path of paths) {
      for (const origin of [OURS, 'null', 'https://evil.example']) {
        const page = await stage.browser.open(path, { headers: { Origin: origin }, follow: false });
        const names = [...page.headers.keys()].filter((name) => name.startsWith('access-control'));
        expect(names, path).toEqual([]);
        const headers = { Origin: origin, 'Access-Control-Request-Method': 'GET' };
        const asked = await fetch(new URL(path, stage.issuer), { method: 'OPTIONS', headers });
        expect(allowed(asked), path).toBeNull();
      }
    }
  });
});
