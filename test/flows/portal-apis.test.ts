import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from '../support/server.ts';
import { aPeopledOrganization, type Peopled } from '../support/two-organizations.ts';
import type { Page, Visitor } from '../support/visitor.ts';

type Server = Awaited<ReturnType<typeof startTestServer>>;

let server: Server;
let acme: Peopled;
let rival: Peopled;
let developer: Visitor;
let home: string;
beforeAll(async () => {
  server = await startTestServer();
  acme = await aPeopledOrganization(server, 'Acme');
  rival = await aPeopledOrganization(server, 'Rival');
  developer = acme.browsers.developer;
  home = `/developers/organizations/${acme.organizationId}`;
}, 60_000);
afterAll(() => server.stop());

async function register(identifier: string, more: Record<string, string> = {}): Promise<Page> {
  const form = await developer.open(`${home}/apis/new`);
  return developer.submit(form, 'Register', { Name: 'Calendar', Identifier: identifier, ...more });
}

describe('registering an API in the portal', () => {
  it('on localhost works at once, and leads to its page', async () => {
    const page = await register('http://localhost:4100/calendar/');
    expect(page.status).toBe(200);
    expect(page.text).toContain('http://localhost:4100/calendar');
    expect(page.text).not.toContain('Waits for approval');
  });

  it('elsewhere waits until its host is proven', async () => {
    const page = await register('https://calendar.acme.example');
    expect(page.text).toContain('Waits for approval');
    expect((await developer.open(`${home}/apis`)).text).toContain('waits for approval');
  });

  it('says what is wrong beside the field, and saves nothing', async () => {
    const count = () => server.platform.db.api.count();
    const before = await count();
    for (const identifier of ['calendar', 'http://calendar.example', 'javascript:alert(1)', server.url]) {
      const page = await register(identifier);
      expect(page.status).toBe(422);
      expect(page.html).toContain('id="field-identifier-problem"');
      expect(page.html).toContain('value="Calendar"');
    }
    expect(await count()).toBe(before);
  });

  it('takes no more than its form has', async () => {
    const more = {
      approved: 'true',
      organizationId: rival.organizationId,
      trustDomainId: rival.organizationId,
      clientId: 'app_aaaaaaaaaaaaaaaaaaaa',
      id: rival.apiId,
    };
    const page = await register('https://greedy.example', more);
    expect(page.status).toBe(200);
    const stored = await server.platform.db.api.findFirstOrThrow({
      where: { claimedIdentifier: 'https://greedy.example' },
    });
    expect(stored).toMatchObject({ identifier: null, organizationId: acme.organizationId });
    expect(stored.trustDomainId).not.toBe(rival.organizationId);
  });
});

describe('the scopes of an API', () => {
  const scopes = () => `${home}/apis/${acme.apiId}/scopes`;
  const description = 'Sentence for people in English';
  const add = async (entries: Record<string, string>) =>
    developer.submit(await developer.open(`${scopes()}/new`), 'Add the scope', {
      [description]: 'See your files',
      ...entries,
    });

  it('are added, shown as people read them, and changed', async () => {
    const name = 'https://api.acme.example/files:read';
    const added = await add({ Name: name, 'Sentence for people in German': 'Deine Dateien sehen' });
    expect(added.status).toBe(200);
    expect(added.text).toContain('Deine Dateien sehen in German');
    expect(added.text).toContain('shown to people who read Arabic');
    const changed = await developer.submit(added, 'Save', { [description]: 'See all of your files' });
    expect(changed.text).toContain('See all of your files in English');
    const page = await developer.open(scopes());
    expect(page.text).toContain(`${name} See all of your files reads basic`);
  });

  it('keep their names, and a taken name is not taken again', async () => {
    const page = await add({ Name: 'notes:read' });
    expect(page.status).toBe(422);
    expect(page.html).toContain('id="field-name-problem"');
    const own = await developer.open(`${scopes()}/by-name/notes%3Aread`);
    await developer.submit(own, 'Save', { name: 'notes:renamed' });
    const names = await server.platform.db.scope.findMany({ where: { apiId: acme.apiId } });
    expect(names.map(({ name }) => name)).not.toContain('notes:renamed');
  });

  it('that write without one that reads are questioned first', async () => {
    const asked = await add({ Name: 'photos:write', kind: 'write' });
    expect(asked.status).toBe(422);
    expect(asked.text).toContain('photos:read');
    const meant = await developer.submit(asked, 'Add the scope', { 'It is meant like this.': 'on' });
    expect(meant.status).toBe(200);
  });

  it('are removed by an owner, who sees first how many apps use them', async () => {
    const path = `${scopes()}/by-name/photos%3Awrite/removal`;
    expect((await developer.open(path)).status).toBe(403);
    const page = await acme.browsers.owner.open(path);
    expect(page.text).toContain('No app uses this scope.');
    const list = await acme.browsers.owner.submit(page, 'Remove photos:write');
    expect(list.text).not.toContain('photos:write');
  });

  it('show markup as text, whatever it is', { timeout: 60_000 }, async () => {
    for (const payload of ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "'-alert(1)-'"]) {
      const page = await add({
        [description]: `See ${payload}`,
        Name: `x${payload.length}:read`,
        'Sentence for developers': `GET ${payload}`,
        'Sentence for people in German': `Sehen ${payload}`,
      });
      for (const { html } of [page, await developer.open(scopes())]) {
        expect(html).not.toContain('<script>alert');
        expect(html).not.toContain('<img src=x');
      }
    }
  });
});
