import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from '../support/server.ts';
import { aPeopledOrganization, formTokenFor, type Peopled } from '../support/two-organizations.ts';

type Server = Awaited<ReturnType<typeof startTestServer>>;

let server: Server;
let acme: Peopled;
let rival: Peopled;
beforeAll(async () => {
  server = await startTestServer();
  acme = await aPeopledOrganization(server, 'Acme');
  rival = await aPeopledOrganization(server, 'Rival');
}, 60_000);
afterAll(() => server.stop());

const apps = () => `/developers/organizations/${acme.organizationId}/apps`;
const owner = () => acme.browsers.owner;
const rowOf = (id: string) => server.platform.db.client.findUniqueOrThrow({ where: { id } });

/** What no form has: a way to become more than one is, if a rule took whatever it was sent. */
const SMUGGLED = {
  ...{
    stage: 'live',
    firstParty: 'true',
    first_party: 'true',
    sponsored: 'true',
    verifiedHost: 'bank.example',
  },
  ...{
    verifiedAt: '2026-01-01T00:00:00.000Z',
    suspendedAt: '',
    suspendedBy: '',
    id: 'app_22222222222222222222',
  },
  ...{ trustDomainId: '00000000-0000-7000-8000-000000000099', metadata: '{"require_pkce":false}' },
  ...{ authMethod: 'none', scopes: 'notes:admin', resources: 'https://rival.example' },
};
const smuggled = () => ({ ...SMUGGLED, organizationId: rival.organizationId, clientId: rival.clientId });

const calm = {
  ...{ firstParty: false, sponsored: false, verifiedAt: null, verifiedHost: null, suspendedAt: null },
};

describe('registering an app through the pages', () => {
  it('shows the secret once, and starts in development whatever else the form says', async () => {
    const form = await owner().open(`${apps()}/new?type=web`);
    expect(form.html, 'where a server tried at home listens itself').not.toContain('localhost:3000');
    const { scopes: _, resources: __, ...extra } = smuggled();
    const made = await owner().submit(form, 'Register it', { Name: 'Paper Planner', ...extra });
    expect(made.status).toBe(201);
    const clientId = /app_[a-z2-9]{20}/.exec(made.text)?.[0] ?? '';
    const secret = /gate_secret_[\w-]+/.exec(made.text)?.[0] ?? 'missing';
    expect(await rowOf(clientId)).toMatchObject({
      ...{ ...calm, stage: 'development', organizationId: acme.organizationId, type: 'web' },
      ...{ authMethod: 'client_secret_basic', scopes: [], resources: [], metadata: {} },
    });
    const overview = await owner().open(`${apps()}/${clientId}`);
    expect(overview.text).toContain(clientId);
    expect(overview.html).not.toContain(secret);
    expect(overview.text).toContain("import { createServer } from 'node:http';");
    expect(overview.text).toContain(`const clientId = '${clientId}';`);
  });

  it.each([
    ['javascript:alert(1)', 'must use https'],
    ['data:text/html,<script>alert(1)</script>', 'contains'],
    ['http://planner.example/callback', 'must use https'],
    ['https://planner.example/*', 'has a wildcard'],
    ['https://planner.example/#top', 'has a fragment'],
  ])('refuses the redirect URI %s beside its field and registers nothing', async (redirectUri, words) => {
    const before = await server.platform.db.client.count();
    const form = await owner().open(`${apps()}/new?type=spa`);
    const page = await owner().submit(form, 'Register it', { Name: 'Notes', 'Redirect URI': redirectUri });
    expect(page.status).toBe(422);
    expect(page.html).toContain('id="field-redirectUri-problem"');
    expect(page.text).toContain(words);
    expect(await server.platform.db.client.count()).toBe(before);
  });

  it.each(['Gatehouse', 'Official Bank', 'Support', 'N\u043etes', 'No\u202etes', 'No\u200btes'])(
    'refuses the name %j beside its field',
    async (name) => {
      const form = await owner().open(`${apps()}/new?type=machine`);
      const page = await owner().submit(form, 'Register it', { Name: name });
      expect(page.status).toBe(422);
      expect(page.html).toContain('id="field-name-problem"');
    },
  );

  it('needs a type that there is', async () => {
    const fields = {
      form_token: formTokenFor(server.platform, owner(), `${apps()}/new`),
      type: 'api',
      name: 'x',
    };
    expect((await owner().post(`${apps()}/new`, fields)).status).toBe(422);
  });
});

describe('changing an app through the pages', () => {
  const at = (page: string) => `${apps()}/${acme.clientId}/${page}`;

  it.each([
    ['settings', 'Save'],
    ['redirect-uris', 'Save'],
    ['suspension', 'Stop this app'],
  ])('by fields that %s does not have changes nothing else', async (page, button) => {
    const before = await rowOf(acme.clientId);
    const theirs = await rowOf(rival.clientId);
    const { scopes: _, resources: __, ...extra } = smuggled();
    await owner().submit(await owner().open(at(page)), button, extra);
    const after = await rowOf(acme.clientId);
    const { suspendedAt: ___, suspendedBy: ____, updatedAt: _____, ...expected } = before;
    expect(after).toMatchObject(expected);
    expect(await rowOf(rival.clientId)).toEqual(theirs);
    await server.platform.db.client.update({
      where: { id: acme.clientId },
      data: { suspendedAt: null, suspendedBy: null },
    });
  });

  it('judges a redirect URI while it is typed, as JSON and for its members alone', async () => {
    const ask = (uri: string) =>
      owner().open(`${at('redirect-uris/judgement')}?uri=${encodeURIComponent(uri)}`);
    const good = await ask('https://app.example.com/next');
    expect(JSON.parse(good.html)).toEqual({ ok: true });
    expect(good.headers.get('content-type')).toContain('application/json');
    expect(JSON.parse((await ask('javascript:alert(1)')).html)).toMatchObject({ ok: false });
    expect((await rival.browsers.owner.open(at('redirect-uris/judgement'))).status).toBe(404);
  });

  it('asks for a recent proof before redirect URIs are typed, and asks nobody who only reads them', async () => {
    const { db, clock } = server.platform;
    const { owner: member, viewer } = acme.people;
    const both = { where: { accountId: { in: [member.id, viewer.id] } } };
    const proven = (at: Date) => db.browserSession.updateMany({ ...both, data: { authenticatedAt: at } });
    await proven(new Date(clock.now().getTime() - 3_600_000));
    expect(new URL((await owner().open(at('redirect-uris'))).url).pathname).toMatch(/^\/sign-in/);
    expect((await acme.browsers.viewer.open(at('redirect-uris'))).url).toContain('/redirect-uris');
    await proven(clock.now());
    expect((await owner().open(at('redirect-uris'))).url).toContain('/redirect-uris');
  });

  it('tells in the list how often it was called today, how much failed, and what needs a look', async () => {
    const { db, clock } = server.platform;
    expect((await owner().open(apps())).text).toContain('Not called yet');
    const hour = new Date(clock.now().getTime() - (clock.now().getTime() % 3_600_000));
    const usage = { clientId: acme.clientId, hour, endpoint: 'token', tokens: 0, buckets: [] };
    await db.usageHour.create({ data: { ...usage, error: '', requests: 30 } });
    await db.usageHour.create({ data: { ...usage, error: 'invalid_grant', requests: 10 } });
    const list = await owner().open(apps());
    expect(list.text).toContain('40 calls in 24 hours, 25 % of them failed');
    expect(list.text, 'the hour of a call, which began before it').not.toContain('last one');
    expect(list.links.get('10 of 40 calls failed in 24 hours. See why.')).toContain(
      `${acme.clientId}/requests`,
    );
  });

  it('saves all rows or none, and leaves empty ones out', async () => {
    const { redirectUris: before } = await rowOf(acme.clientId);
    const page = await owner().open(at('redirect-uris'));
    const bad = await owner().submit(page, 'Save', {
      'Redirect URI 2': 'https://app.example.com/second',
      'Sign-out URI 1': 'javascript:alert(1)',
    });
    expect(bad.status).toBe(422);
    expect(bad.html).toContain('id="field-out-1-problem"');
    expect((await rowOf(acme.clientId)).redirectUris).toEqual(before);
    const good = await owner().submit(page, 'Save', { 'Redirect URI 3': 'https://app.example.com/third' });
    expect(good.text).toContain('Saved.');
    expect((await rowOf(acme.clientId)).redirectUris).toEqual([...before, 'https://app.example.com/third']);
  });

  it('goes live only by the checklist, not by a field', async () => {
    const { db } = server.platform;
    await db.client.update({ where: { id: acme.clientId }, data: { stage: 'development' } });
    const page = await owner().submit(await owner().open(at('stage')), 'Go live', {
      terms: 'on',
      stage: 'live',
      ready: 'true',
    });
    expect(page.status).toBe(422);
    expect((await rowOf(acme.clientId)).stage).toBe('development');
    await db.client.update({ where: { id: acme.clientId }, data: { stage: 'live' } });
  });

  it('changes no invitation of another app, and removes no tester there', async () => {
    const { db, clock } = server.platform;
    const tester = { clientId: rival.clientId, accountId: acme.people.viewer.id, createdAt: clock.now() };
    await db.clientTester.create({ data: tester });
    const token = formTokenFor(server.platform, owner(), 'testers');
    await owner().post(at(`testers/${tester.accountId}/removal`), { form_token: token });
    expect(await db.clientTester.count({ where: { clientId: rival.clientId } })).toBe(1);
  });

  it('deletes it with its name alone, and then it is gone for everybody', async () => {
    const page = await owner().open(at('deletion'));
    const wrong = await owner().submit(page, 'Delete this app', {
      'Type the name of the app': 'App of Rival',
    });
    expect(wrong.status).toBe(422);
    const gone = await owner().submit(page, 'Delete this app', { 'Type the name of the app': 'App of Acme' });
    expect(gone.text).toContain('The app is deleted');
    expect((await owner().open(at('settings'))).status).toBe(404);
  });
});
