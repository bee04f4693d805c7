import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../src/main.ts';
import { startTestServer } from '../support/server.ts';
import { Visitor } from '../support/visitor.ts';
import { type App, newApi, newApp, newPerson, signIn } from '../support/world.ts';

describe("an app's sign-out link", () => {
  let server: RunningServer;
  let app: App;
  const back = 'http://localhost:4321/bye';
  beforeAll(async () => {
    server = await startTestServer();
    app = await newApp(server.platform, await newApi(server.platform), { postLogoutRedirectUris: [back] });
  });
  afterAll(() => server.stop());

  async function signedIn() {
    const visitor = new Visitor(server.url);
    const person = await newPerson(server.platform);
    await signIn(visitor, person);
    return { visitor, person };
  }

  it('says who asks and who is signed in, and ends nothing by itself', async () => {
    const { visitor, person } = await signedIn();
    const page = await visitor.open(`/session/end?client_id=${app.clientId}`);
    expect(page.text).toContain(
      `Notebook asks to sign you out here, too. You are signed in as ${person.email}`,
    );
    expect((await visitor.open('/account')).text).toContain(person.email);
  });

  it('leads to a page that tells the truth, whatever was chosen', async () => {
    const { visitor, person } = await signedIn();
    const ask = () => visitor.open(`/session/end?client_id=${app.clientId}`);
    const cancelled = await visitor.submit(await ask(), 'Cancel');
    expect(cancelled.title).toContain('You are still signed in');
    expect((await visitor.open('/account')).text).toContain(person.email);
    const done = await visitor.submit(await ask(), 'Sign out');
    expect(done.title).toContain('You are signed out');
    expect((await visitor.open('/account')).title).toContain('Sign in');
  });

  it.each(['Sign out', 'Cancel'])('with an address to return to leads there after %s', async (button) => {
    const { visitor } = await signedIn();
    const there = { client_id: app.clientId, post_logout_redirect_uri: back, state: 'kept' };
    const page = await visitor.open(`/session/end?${new URLSearchParams(there)}`);
    expect((await visitor.submit(page, button)).location).toBe(`${back}?state=kept`);
  });
});
