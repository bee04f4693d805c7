import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../src/main.ts';
import { relyingParty } from '../support/relying-party.ts';
import { startTestServer } from '../support/server.ts';
import { type Page, Visitor } from '../support/visitor.ts';
import { type App, newApi, newApp } from '../support/world.ts';

describe('a request that cannot go back to the app', () => {
  let server: RunningServer;
  let app: App;
  beforeAll(async () => {
    server = await startTestServer();
    app = await newApp(server.platform, await newApi(server.platform), { name: 'Note<b>book' });
  });
  afterAll(() => server.stop());

  async function ask(path: string, params: Record<string, string>): Promise<Page> {
    return new Visitor(server.url).open(`${path}?${new URLSearchParams(params)}`);
  }

  async function signInWith(redirectUri: string): Promise<Page> {
    const party = await relyingParty(server.url, app);
    const { url } = await party.request({ redirect_uri: redirectUri });
    return new Visitor(server.url).open(url);
  }

  it('with an unregistered redirect says what happened, why we stopped, and what the developer must do', async () => {
    const page = await signInWith('https://elsewhere.example/callback');
    expect([page.status, page.location]).toEqual([400, undefined]);
    expect(page.title).toBe('This sign-in request does not work · Gatehouse');
    expect(page.text).toContain(
      'Note<b>book sent you here with a return address that it has not registered.',
    );
    expect(page.text).toContain('We stopped, so that nobody else can receive your sign-in.');
    expect(page.text).toContain('Register this address for the app exactly as it stands here');
    expect(page.text).toContain('redirect_uri https://elsewhere.example/callback');
    expect(page.links.get('what this error means, and what to do')).toBe('/docs/errors/invalid_redirect_uri');
    expect(page.text).toContain(`Reference ${page.headers.get('X-Request-Id')}`);
  });

  it.each([
    ['turns text around', 'https://elsewhere.example/\u202egpj', 'https://elsewhere.example/%E2%80%AEgpj'],
    ['looks like another', 'https://exаmple.org/', 'https://ex%D0%B0mple.org/'],
    ['is markup', 'https://elsewhere.example/<b>', 'https://elsewhere.example/<b>'],
    [
      'never ends',
      `https://elsewhere.example/${'a'.repeat(1000)}`,
      `https://elsewhere.example/${'a'.repeat(274)} `,
    ],
  ])('shows an address that %s so that it can be read', async (_what, redirectUri, shown) => {
    const { text, html } = await signInWith(redirectUri);
    expect(text).toContain(`redirect_uri ${shown}`);
    expect(html).not.toContain('<b>');
  });

  it('of an unknown app names no app', async () => {
    const page = await ask('/authorize', { client_id: 'nobody', response_type: 'code' });
    expect(page.status).toBe(400);
    expect(page.text).toContain('We do not know the app that sent you here, or it is suspended.');
    expect(page.text).toContain('client_id nobody');
  });

  it.each<[what: string, params: (clientId: string) => Record<string, string>, sentence: string]>([
    [
      'an unregistered address to go on to',
      (clientId) => ({ client_id: clientId, post_logout_redirect_uri: 'https://elsewhere.example/' }),
      'Note<b>book wants you to go on to an address that it has not registered, so we stopped.',
    ],
    ['a hint that is no token', () => ({ id_token_hint: 'x' }), 'This request to sign you out is incomplete'],
  ])('to sign out, with %s, is called that and offers the way out', async (_what, params, sentence) => {
    const page = await ask('/session/end', params(app.clientId));
    expect([page.status, page.location]).toEqual([400, undefined]);
    expect(page.title).toBe('This sign-out request does not work · Gatehouse');
    expect(page.text).toContain(sentence);
    expect(page.links.get('Sign out here')).toBe('/sign-out');
  });

  it('to confirm a sign-out that nobody asked for ends nothing', async () => {
    const page = await new Visitor(server.url).post('/session/end/confirm', { logout: 'yes', xsrf: 'x' });
    expect(page.status).toBe(400);
    expect(page.title).toBe('This sign-out request does not work · Gatehouse');
  });
});
