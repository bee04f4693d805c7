import { withPointer } from '../support/browser.ts';
import { relyingParty } from '../support/relying-party.ts';
import { Visitor } from '../support/visitor.ts';
import { newPerson, type Person, signIn } from '../support/world.ts';
import type { Exhibition } from './exhibition.ts';
import { consentFor, open, type Scenes, signInHere } from './scene-steps.ts';

/** What people see who come from an app: consent, sign-out, and requests that are wrong. */
export const appScenes: Scenes = {
  async 'sign-in-other-account'(page, world) {
    await consentFor(page, world, world.notebook, {});
    await withPointer(page).follow('Use another account');
  },
  async 'consent-read-and-write'(page, world) {
    const scope = 'openid profile email offline_access notes:read notes:write notes:admin';
    await consentFor(page, world, world.notebook, { scope });
  },
  async 'consent-read'(page, world) {
    await consentFor(page, world, world.notebook, { scope: 'openid email notes:read' });
  },
  async 'consent-identity'(page, world) {
    await consentFor(page, world, world.notebook, { scope: 'openid profile email' });
  },
  async 'consent-nothing'(page, world) {
    await consentFor(page, world, world.notebook, { scope: 'openid' });
  },
  async 'consent-long-names'(page, world) {
    await consentFor(page, world, world.longNames, { scope: 'openid email notes:read notes:write' });
  },
  async 'consent-native'(page, world) {
    await consentFor(page, world, world.native, { scope: 'openid notes:read' });
  },
  async 'consent-read-only'(page, world) {
    await consentFor(page, world, world.modest, { scope: 'openid email notes:read notes:write notes:admin' });
    await withPointer(page).unfold('Change');
  },
  async 'consent-again'(page, world) {
    // A loopback app may listen at any port (RFC 8252 §7.3): here it is the one that the test may reach.
    const redirect_uri = `${world.url.replace('localhost', '127.0.0.1')}/callback`;
    await consentFor(page, world, world.modest, { redirect_uri, scope: 'openid notes:read' });
    await withPointer(page).press('Allow');
    await open(page, world, world.modest, { redirect_uri, scope: 'openid email notes:read notes:write' });
    await withPointer(page).unfold('What Notebook already has');
    await withPointer(page).unfold('Change');
  },
  async 'step-up'(page, world) {
    await consentFor(page, world, world.notebook, {});
    await open(page, world, world.notebook, { prompt: 'login' });
  },
  async 'step-up-stronger-factor'(page, world) {
    await consentFor(page, world, world.notebook, {});
    await open(page, world, world.notebook, { acr_values: 'phr' });
  },
  async 'wrong-account'(page, world) {
    const { platform, notebook } = world;
    const hint = await idTokenOf(world, await newPerson(platform));
    await open(page, world, notebook, { id_token_hint: hint });
    await signInHere(page, await newPerson(platform));
  },
  async 'app-sign-out'(page, world) {
    await page.goto(`${world.url}/sign-in`);
    await signInHere(page, await newPerson(world.platform));
    await page.goto(`${world.url}/session/end?client_id=${world.notebook.clientId}`);
  },
  async 'app-sign-out-unnamed'(page, world) {
    await page.goto(`${world.url}/sign-in`);
    await signInHere(page, await newPerson(world.platform));
    await page.goto(`${world.url}/session/end`);
  },
  async 'app-signed-out'(page, world) {
    await page.goto(`${world.url}/sign-in`);
    await signInHere(page, await newPerson(world.platform));
    await page.goto(`${world.url}/session/end?client_id=${world.notebook.clientId}`);
    await withPointer(page).press('Sign out');
  },
  async 'app-sign-out-cancelled'(page, world) {
    await page.goto(`${world.url}/sign-in`);
    await signInHere(page, await newPerson(world.platform));
    await page.goto(`${world.url}/session/end?client_id=${world.notebook.clientId}`);
    await withPointer(page).press('Cancel');
  },
  async 'error-unregistered-redirect'(page, world) {
    await open(page, world, world.notebook, {
      redirect_uri: 'https://notebook.example/callback/2?from=mail',
    });
  },
  async 'error-unknown-app'(page, world) {
    await open(page, world, { ...world.notebook, clientId: 'nobody' });
  },
  async 'error-redirect-that-hides'(page, { url, notebook }) {
    const address = encodeURIComponent('https://notebook.example/\u202eexe.fdp');
    await page.goto(`${url}/authorize?client_id=${notebook.clientId}&redirect_uri=${address}`);
  },
  async 'error-incomplete-request'(page, world) {
    await page.goto(`${world.url}/authorize`);
  },
  async 'error-sign-out-request'(page, { url, notebook }) {
    await page.goto(
      `${url}/session/end?client_id=${notebook.clientId}&post_logout_redirect_uri=https://elsewhere.example`,
    );
  },
  async 'error-sign-out-stale'(page, { url }) {
    await page.goto(`${url}/sign-out`);
    await page.setContent(
      `<form method="post" action="${url}/session/end/confirm"><button>Go</button></form>`,
    );
    await withPointer(page).press('Go');
  },
  async 'error-interaction-over'(page, { url }) {
    await page.goto(`${url}/interaction/gone`);
  },
  async 'error-not-found'(page, { url }) {
    await page.goto(`${url}/nowhere`);
  },
  async 'error-wrong-host'(page, { url }) {
    await page.goto(url.replace('localhost', '127.0.0.1'));
  },
};

/** Signs the person in at the app, in a browser elsewhere. */
async function idTokenOf({ url, notebook }: Exhibition, person: Person): Promise<string> {
  const party = await relyingParty(url, notebook);
  const request = await party.request();
  const visitor = new Visitor(url);
  const consent = await signIn(visitor, person, await visitor.open(request.url));
  const tokens = await party.redeem(request, await visitor.submit(consent, 'Allow'));
  return String(tokens.id_token);
}
