import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERROR_CODES, errorDocHref, SHELVED } from '../../../src/developers/support/library.ts';
import type { RunningServer } from '../../../src/main.ts';
import { startTestServer } from '../../support/server.ts';
import { Visitor } from '../../support/visitor.ts';
import { type App, newApi, newApp, newPerson, type Notes, type Person, signIn } from '../../support/world.ts';

let server: RunningServer;
let api: Notes;
let app: App;
let member: Person;
const reader = () => new Visitor(server.url);
const paths = [...SHELVED.map(({ path }) => path), ...ERROR_CODES.map((code) => `errors/${code}`)];

beforeAll(async () => {
  server = await startTestServer();
  api = await newApi(server.platform);
  app = await newApp(server.platform, api, { type: 'machine', scopes: ['notes:read'] });
  member = await newPerson(server.platform);
  const row = { organizationId: api.organizationId, accountId: member.id, role: 'viewer' };
  await server.platform.db.organizationMember.create({ data: { ...row, createdAt: new Date() } });
});
afterAll(() => server.stop());

describe('the documentation', () => {
  it.each(paths)('%s is there as a page and as text, with every value filled in', async (path) => {
    const page = await reader().open(path === 'index' ? '/docs' : `/docs/${path}`);
    expect(page.status).toBe(200);
    expect(page.html).toContain('<h1>');
    expect(page.html).not.toMatch(/\{\{|>undefined|\]\(\//);
    const text = await reader().open(`/docs/${path}.md`);
    expect(text.headers.get('Content-Type')).toBe('text/plain; charset=utf-8');
    expect(text.html).toMatch(/^# /);
    expect(text.html).not.toMatch(/\{\{/);
  });

  it('links only to pages that are there', async () => {
    const pages = await Promise.all(paths.map((path) => reader().open(`/docs/${path}`)));
    const links = new Set(
      pages.flatMap(({ html }) => [...html.matchAll(/href="(\/docs[^"#?]*)/g)].map(String)),
    );
    for (const link of links) {
      const href = String(link.split(',').at(-1));
      expect(`${href} ${(await reader().open(href)).status}`).toBe(`${href} 200`);
    }
  });

  it('answers 404 for anything else', async () => {
    for (const path of [
      'nothing',
      'errors/nothing',
      '..%2f..%2fpackage.json',
      'toString',
      'errors/constructor',
    ])
      expect((await reader().open(`/docs/${path}`)).status, path).toBe(404);
  });

  it('lists itself for programs', async () => {
    const { html } = await reader().open('/docs/llms.txt');
    expect(html).toContain(`(${server.url}/docs/quick-start/web.md)`);
    expect(html.match(/^- /gm)?.length).toBe(paths.length);
  });

  it('says of each error what happened, why, what to do, the rule, and shows it', async () => {
    for (const code of ERROR_CODES) {
      const { text } = await reader().open(errorDocHref(code));
      for (const part of [code, 'Why', 'What to do', 'The rule', 'Example']) expect(text).toContain(part);
    }
    expect(errorDocHref('no_such_error')).toBe('/docs/errors');
  });
});

describe('the examples', () => {
  it('are made up for whoever is not signed in, whatever they name', async () => {
    const { text } = await reader().open(`/docs/quick-start/machine?app=${app.clientId}`);
    expect(text).toContain('YOUR-CLIENT-ID');
    expect(text).not.toContain(app.clientId);
  });

  it('have the ids of an app and an API of the reader', async () => {
    const visitor = reader();
    await signIn(visitor, member);
    const page = await visitor.open(`/docs/quick-start/machine?app=${app.clientId}`);
    expect(page.text).toContain(app.clientId);
    expect(page.html).not.toContain(app.secret);
    expect((await visitor.open('/docs/protect-your-api')).text).toContain(api.clientId);
    expect((await visitor.open('/docs/quick-start/web')).text).toContain('You have no app of this type yet');
  });

  it('never have those of an organization to which the reader does not belong', async () => {
    const stranger = reader();
    await signIn(stranger, await newPerson(server.platform));
    const page = await stranger.open(`/docs/quick-start/machine?app=${app.clientId}`);
    expect(page.text).not.toContain(app.clientId);
    expect((await stranger.open('/docs/protect-your-api')).text).not.toContain(api.clientId);
  });
});
