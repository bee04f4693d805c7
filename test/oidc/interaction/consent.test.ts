import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../../src/developers/apis/api.ts';
import type { RunningServer } from '../../../src/main.ts';
import { relyingParty } from '../../support/relying-party.ts';
import { startTestServer } from '../../support/server.ts';
import { type Page, Visitor } from '../../support/visitor.ts';
import {
  newApp,
  newOrganization,
  newPerson,
  type Notes,
  OPERATOR,
  type Person,
  signIn,
} from '../../support/world.ts';

const SCOPES = [
  { name: 'a:admin', description: 'Close your diary' },
  { name: 'b:write', description: 'Write into your diary' },
  { name: 'c:read', description: 'Read your diary' },
];

describe('the consent page', () => {
  let server: RunningServer;
  let api: Notes;
  let person: Person;
  let visitor: Visitor;
  beforeAll(async () => {
    server = await startTestServer();
    const organizationId = await newOrganization(server.platform, 'Paper & Pencil');
    const input = { organizationId, identifier: 'https://diary.example', name: 'Diary', scopes: SCOPES };
    const created = await createApi(server.platform, OPERATOR, input);
    if (!created.ok) throw new Error(created.sentence);
    api = { ...created.api, secret: created.issued.secret };
    person = await newPerson(server.platform);
    visitor = new Visitor(server.url);
    await signIn(visitor, person);
  });
  afterAll(() => server.stop());

  async function consentFor(scope: string, redirectUri = 'https://app.example/callback'): Promise<Page> {
    const type = redirectUri.startsWith('https:') ? 'web' : 'native';
    const app = await newApp(server.platform, api, { name: 'Inkwell', type, redirectUris: [redirectUri] });
    const party = await relyingParty(server.url, app);
    return visitor.open((await party.request({ scope })).url);
  }

  it('names the app, its organization, the account, and where the browser goes next', async () => {
    const { text, links } = await consentFor('openid email c:read');
    expect(text).toContain('Allow Inkwell to use your account?');
    expect(text).toContain('An app by Paper & Pencil');
    expect(text).toContain(`You are signed in as ${person.email}`);
    expect(text).toContain('Whatever you choose, you go back to app.example .');
    expect(links.get('Use another account')).toMatch(/^\/sign-in\?ticket=/);
  });

  it('says in words what the app can do, the least first, and what changes data', async () => {
    const { text } = await consentFor('openid profile email a:admin b:write c:read');
    expect(text).toContain('About you, it can See your name See your email address');
    expect(text).toContain(
      'At Diary , it can Read your diary Write into your diary can change data Close your diary can change data',
    );
  });

  it.each([
    ['openid c:read', 'It cannot see or change anything else, and it never sees your password.'],
    ['openid b:write', 'It cannot do anything else, and it never sees your password.'],
    ['openid', 'It only learns that you are you. It sees neither your name nor your email address.'],
    ['openid offline_access c:read', 'It may do this while you are away, too.'],
  ])('for %s says: %s', async (scope, sentence) => {
    expect((await consentFor(scope)).text).toContain(sentence);
  });

  it.each([
    ['https://sub.app.example:8443/callback', 'sub.app.example:8443 .'],
    ['com.example.inkwell:/callback', 'com.example.inkwell on this device.'],
    ['http://127.0.0.1:4000/callback', '127.0.0.1:4000 on this device.'],
  ])('for an app at %s says that the browser goes to %s', async (redirectUri, destination) => {
    expect((await consentFor('openid', redirectUri)).text).toContain(`you go back to ${destination}`);
  });

  it('offers Allow and Cancel alike', async () => {
    const { html } = await consentFor('openid');
    const looks = [...html.matchAll(/<button class="([^"]*)"/g)].map(([, look]) => look);
    expect(looks).toEqual(['button secondary', 'button secondary']);
  });
});
