import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../src/main.ts';
import { LIFETIMES } from '../../src/tokens/lifetimes.ts';
import { callbackOf, introspect, type RelyingParty, relyingParty } from '../support/relying-party.ts';
import { startTestServer } from '../support/server.ts';
import { type ShiftedTime, shiftTime } from '../support/time.ts';
import { type Page, Visitor } from '../support/visitor.ts';
import { type Notes, newApi, newApp, newPerson, type Person, signIn } from '../support/world.ts';

/** Decision 1: there is one browser session, and what an app sees is a projection of it, at every request. */
describe('what an app sees of the browser session', () => {
  let server: RunningServer;
  let api: Notes;
  let party: RelyingParty;
  let time: ShiftedTime | undefined;
  beforeAll(async () => {
    server = await startTestServer();
    api = await newApi(server.platform);
    party = await relyingParty(server.url, await newApp(server.platform, api, { firstParty: true }));
  });
  afterAll(() => server.stop());
  afterEach(() => time?.restore());

  async function signedIn(): Promise<{ visitor: Visitor; person: Person; page: Page }> {
    const visitor = new Visitor(server.url);
    const person = await newPerson(server.platform);
    return { visitor, person, page: await signIn(visitor, person) };
  }

  async function silently(visitor: Visitor, params: Readonly<Record<string, string>> = {}) {
    const request = await party.request({ prompt: 'none', ...params });
    const page = await visitor.open(request.url);
    const { code, error } = callbackOf(page);
    return { error, tokens: code ? await party.redeem(request, page) : undefined };
  }

  it('prompt=none answers for a sign-in that no app had asked for', async () => {
    const { visitor } = await signedIn();
    const { tokens } = await silently(visitor);
    expect(tokens?.claims()).toMatchObject({ acr: 'aal2', amr: ['pwd', 'otp', 'mfa'] });
  });

  it('prompt=none answers login_required for nobody, and shows no page', async () => {
    expect((await silently(new Visitor(server.url))).error).toBe('login_required');
  });

  it('prompt=none of an app without consent answers consent_required', async () => {
    const { visitor } = await signedIn();
    const stranger = await relyingParty(server.url, await newApp(server.platform, api));
    const { url } = await stranger.request({ prompt: 'none' });
    expect(callbackOf(await visitor.open(url)).error).toBe('consent_required');
  });

  it('signing out here ends prompt=none and the tokens that belong to the session', async () => {
    const { visitor } = await signedIn();
    const { tokens } = await silently(visitor);
    await visitor.submit(await visitor.open('/sign-out'), 'Sign out');
    expect((await silently(visitor)).error).toBe('login_required');
    expect(await introspect(server.url, api, String(tokens?.access_token))).toEqual({ active: false });
    await expect(party.refresh(String(tokens?.refresh_token))).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  it('offline access goes on after signing out', async () => {
    const { visitor } = await signedIn();
    const { tokens } = await silently(visitor, { scope: 'openid notes:read offline_access' });
    await visitor.submit(await visitor.open('/sign-out'), 'Sign out');
    const renewed = await party.refresh(String(tokens?.refresh_token));
    expect(await introspect(server.url, api, renewed.access_token)).toMatchObject({ active: true });
  });

  it('signing out in one browser leaves another browser of the same person alone', async () => {
    const first = await signedIn();
    time = shiftTime(60);
    const second = new Visitor(server.url);
    await signIn(second, first.person);
    const { tokens } = await silently(second);
    await first.visitor.submit(await first.visitor.open('/sign-out'), 'Sign out');
    expect((await silently(first.visitor)).error).toBe('login_required');
    expect((await silently(second)).error).toBeUndefined();
    expect(await introspect(server.url, api, String(tokens?.access_token))).toMatchObject({ active: true });
  });

  it('a session ended from elsewhere is over at the next request', async () => {
    const { visitor, person } = await signedIn();
    await server.platform.db.browserSession.updateMany({
      where: { accountId: person.id },
      data: { endedAt: new Date() },
    });
    expect((await silently(visitor)).error).toBe('login_required');
  });

  it('another account in the same browser gets answers of its own, never the previous one’s', async () => {
    const { visitor } = await signedIn();
    const before = (await silently(visitor)).tokens?.claims()?.sub;
    const other = await newPerson(server.platform);
    await visitor.submit(await visitor.open('/sign-out'), 'Sign out');
    await signIn(visitor, other);
    const { tokens } = await silently(visitor, { scope: 'openid email notes:read' });
    expect(tokens?.claims()?.email).toBe(other.email);
    expect(tokens?.claims()?.sub).not.toBe(before);
  });

  it('id_token_hint answers for that person alone', async () => {
    const { visitor } = await signedIn();
    const hint = String((await silently(visitor)).tokens?.id_token);
    expect((await silently(visitor, { id_token_hint: hint })).error).toBeUndefined();
    const { visitor: stranger } = await signedIn();
    expect((await silently(stranger, { id_token_hint: hint })).error).toBe('login_required');
  });

  it('a visitor hinted as somebody else is asked to sign in as that person, and may not answer for another', async () => {
    const { visitor, person } = await signedIn();
    const hint = String((await silently(visitor)).tokens?.id_token);
    const stranger = new Visitor(server.url);
    const request = await party.request({ id_token_hint: hint });
    const wrong = await signIn(stranger, await newPerson(server.platform), await stranger.open(request.url));
    expect(wrong.title).toContain('Another account');
    time = shiftTime(60);
    const again = await stranger.open(String(wrong.links.get('Use another account')));
    const page = await signIn(stranger, person, again);
    expect(callbackOf(page).code).toBeDefined();
  });

  it('max_age asks for a new sign-in once the last one is too old, and auth_time tells the truth', async () => {
    const { visitor, person } = await signedIn();
    const first = (await silently(visitor, { max_age: '300' })).tokens?.claims();
    time = shiftTime(400);
    expect((await silently(visitor, { max_age: '300' })).error).toBe('login_required');
    const request = await party.request({ max_age: '300' });
    const page = await signIn(visitor, person, await visitor.open(request.url));
    const claims = (await party.redeem(request, page)).claims();
    expect(Number(claims?.auth_time) - Number(first?.auth_time)).toBeGreaterThanOrEqual(400);
    expect(claims?.sub).toBe(first?.sub);
  });

  it('prompt=login wants a sign-in of its own, however recent the last one is', async () => {
    const { visitor, person } = await signedIn();
    time = shiftTime(31);
    const begun = Math.floor(Date.now() / 1000);
    const request = await party.request({ prompt: 'login' });
    const form = await visitor.open(request.url);
    expect(form.url).toContain('/sign-in');
    const claims = (await party.redeem(request, await signIn(visitor, person, form))).claims();
    expect(claims?.auth_time).toBeGreaterThanOrEqual(begun);
  });

  it.each([
    ['a day without use', LIFETIMES.session.idleSeconds + 1],
    ['thirty days in any case', LIFETIMES.session.absoluteSeconds + 1],
  ])('the session is over after %s', async (_after, seconds) => {
    const { visitor } = await signedIn();
    time = shiftTime(seconds);
    expect((await silently(visitor)).error).toBe('login_required');
  });

  it('a session in use lives on from day to day, but not beyond thirty days', async () => {
    const { visitor } = await signedIn();
    time = shiftTime(0);
    for (let day = 0; day < 29; day += 1) {
      time.forward(86_000);
      expect((await silently(visitor)).error).toBeUndefined();
    }
    time.forward(86_400 + 29 * 400);
    expect((await silently(visitor)).error).toBe('login_required');
  });
});
