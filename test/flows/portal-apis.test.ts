import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../src/developers/apis/api.ts';
import { newHandle } from '../../src/platform/crypto/secrets.ts';
import { ok, operator } from '../support/developers.ts';
import { saveScope } from '../../src/developers/apis/scopes/scope-changes.ts';
import { newId } from '../../src/platform/ids.ts';
import { HOSTILE_MARKUP, HOSTILE_TEXTS } from '../support/hostile-texts.ts';
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
  return developer.submit(form, 'Register it', { Name: 'Calendar', Identifier: identifier, ...more });
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

  it('show 200 hostile texts as text', async () => {
    expect(HOSTILE_TEXTS).toHaveLength(200);
    const { platform } = server;
    const owned = { apiId: acme.apiId, organizationId: acme.organizationId };
    const actor = { kind: 'account', id: acme.people.owner.id } as const;
    let taken = 0;
    for (const [number, text] of HOSTILE_TEXTS.entries()) {
      const sentences = { de: text.slice(0, 120) };
      const wishes = { name: `hostile${number % 80}:read`, description: text.slice(0, 120), sentences };
      if ((await saveScope(platform, actor, { ...owned, ...wishes, details: text })).ok) taken += 1;
      if (number % 80 === 79 || number === 199) {
        expect((await developer.open(scopes())).html).not.toMatch(HOSTILE_MARKUP);
        const own = await developer.open(`${scopes()}/by-name/hostile${number % 80}%3Aread`);
        expect(own.html).not.toMatch(HOSTILE_MARKUP);
      }
    }
    // Line ends are control characters: half of the texts are refused outright.
    expect(taken).toBeGreaterThanOrEqual(100);
  });
});

describe('the reference of an API', () => {
  const path = () => `${home}/apis/${acme.apiId}/reference`;

  async function upload(document: string, filename = 'openapi.json'): Promise<Response> {
    const page = await developer.open(path());
    const token = page.forms.find(({ action }) => action === path())?.fields.get('form_token') ?? '';
    const body = new FormData();
    body.set('form_token', token);
    body.set('document', new Blob([document]), filename);
    const url = new URL(path(), server.url);
    const headers = { Cookie: developer.cookies.headerFor(url) ?? '', 'Sec-Fetch-Site': 'same-origin' };
    return fetch(url, { method: 'POST', body, headers, redirect: 'manual' });
  }

  function documentWith(texts: readonly string[]): string {
    const paths = texts.map((text, i) => [
      `/${i}${text}`,
      {
        get: {
          ...{ summary: text, description: text, operationId: text },
          parameters: [{ name: text, in: 'query', description: text, schema: { type: text, enum: [text] } }],
          responses: { [text]: { description: text } },
          security: [{ [text]: [text] }],
        },
      },
    ]);
    const info = { title: texts[0], description: texts[0], version: texts[0] };
    return JSON.stringify({ openapi: '3.1.0', info, paths: Object.fromEntries(paths) });
  }

  it('is uploaded as a file and read by every member', async () => {
    const answer = await upload(documentWith(['notes']));
    expect(answer.status).toBe(303);
    const page = await acme.browsers.viewer.open(path());
    expect(page.text).toContain('1 operation');
    expect(page.text).toContain('GET /0notes');
    expect(page.forms.filter(({ action }) => action.startsWith(path()))).toEqual([]);
    expect((await rival.browsers.owner.open(path())).status).toBe(404);
  });

  it('is read by others once the API is open to them, and not before', async () => {
    const listed = `/developers/organizations/${rival.organizationId}/catalogue/${acme.apiId}`;
    const guest = rival.browsers.viewer;
    expect((await guest.open(`${listed}/reference`)).status).toBe(404);
    const opening = { apiId: acme.apiId, kind: 'all', scopes: ['notes:read'] };
    const createdAt = server.platform.clock.now();
    const { id } = await server.platform.db.apiOpening.create({
      data: { ...opening, id: newId(), createdAt },
    });
    expect((await guest.open(listed)).links.get('Its operations')).toBe(`${listed}/reference`);
    expect((await guest.open(`${listed}/reference`)).text).toContain('GET /0notes');
    await server.platform.db.apiOpening.update({ where: { id }, data: { endedAt: createdAt } });
    expect((await guest.open(`${listed}/reference`)).status).toBe(404);
  });

  it('is left as it is by a document that is refused, and says why beside the field', async () => {
    for (const [document, sentence] of [
      ['openapi: 3.1.0', 'is not valid JSON'],
      ['{"openapi":"3.1.0","info":{"title":"x"},"a":{"$ref":"https://evil.example"}}', 'refers to another'],
      [' '.repeat(1024 * 1024 + 1), 'larger than 1 MB'],
      ['', 'Choose a file first'],
    ] as const) {
      const answer = await upload(document);
      expect(answer.status).toBe(422);
      const html = await answer.text();
      expect(html).toContain('id="field-document-problem"');
      expect(html).toContain(sentence);
    }
    expect((await developer.open(path())).text).toContain('GET /0notes');
  });

  it('shows 200 hostile texts as text, page by page', async () => {
    for (let at = 0; at < HOSTILE_TEXTS.length; at += 100) {
      expect((await upload(documentWith(HOSTILE_TEXTS.slice(at, at + 100)))).status).toBe(303);
      for (let from = 0; from < 100; from += 15) {
        const page = await developer.open(`${path()}?from=${from}`);
        expect(page.status).toBe(200);
        expect(page.html).not.toMatch(HOSTILE_MARKUP);
      }
    }
    const last = await developer.open(path());
    const gone = await developer.submit(last, 'Remove the reference');
    expect(gone.text).toContain('becomes a page that developers read');
  });
});

describe('the hosts of an organization', () => {
  it('are claimed, looked for and given up in the portal', async () => {
    const list = await developer.open(`${home}/hosts`);
    const refusedHost = await developer.submit(list, 'Continue', { Host: 'localhost' });
    expect(refusedHost.status).toBe(422);
    expect(refusedHost.html).toContain('id="field-host-problem"');
    const page = await developer.submit(list, 'Continue', { Host: 'Nowhere.invalid-host.example' });
    expect(page.url).toContain(`${home}/hosts/nowhere.invalid-host.example`);
    const { challenge } = await server.platform.db.provenHost.findFirstOrThrow({
      where: { organizationId: acme.organizationId },
    });
    expect(page.text).toContain(challenge);
    expect(page.text).toContain('_gatehouse-challenge.nowhere.invalid-host.example');
    const looked = await developer.submit(page, 'Look for the file now');
    expect(looked.status).toBe(422);
    expect(looked.text).not.toContain('proven by');
    const soon = await developer.submit(looked, 'Look for the file now');
    expect(soon.text).toContain('a moment ago');
    expect((await rival.browsers.owner.open(page.url)).status).toBe(404);
    const owner = await acme.browsers.owner.open(page.url);
    const gone = await acme.browsers.owner.submit(owner, 'Give up nowhere.invalid-host.example');
    expect(gone.text).toContain('No host is claimed yet.');
  });
});

describe('what a pasted token is worth', () => {
  it('is said, and the token is not shown again', async () => {
    const page = await developer.open(`${home}/apis/${acme.apiId}/protection`);
    expect(page.text).toContain(`${server.url}/token/introspection`);
    const token = newHandle('access', server.platform.clock.now());
    const checked = await developer.submit(page, 'Check it', { 'Access token': token });
    expect(checked.status).toBe(200);
    expect(checked.text).toContain('Unknown to this API');
    expect(checked.html).not.toContain(token);
    const viewer = await acme.browsers.viewer.open(`${home}/apis/${acme.apiId}/protection`);
    expect(viewer.forms.some(({ action }) => action.includes('token-checks'))).toBe(false);
  });
});

describe('the terms of an API', () => {
  it('are published by an owner and shown as text', async () => {
    const owner = acme.browsers.owner;
    const path = `${home}/apis/${acme.apiId}/terms`;
    const text = `Be kind to the API. ${HOSTILE_TEXTS[0]}`;
    const page = await owner.submit(await owner.open(path), 'Publish this version', { Terms: text });
    expect(page.text).toContain('Version 1 is in force');
    expect(page.html).not.toMatch(HOSTILE_MARKUP);
    const short = await owner.submit(page, 'Publish this version', { Terms: 'no' });
    expect(short.status).toBe(422);
    expect((await developer.open(path)).forms.some(({ action }) => action === path)).toBe(false);
  });
});

describe('the end of an API', () => {
  it('needs its name typed, by an owner', async () => {
    const owner = acme.browsers.owner;
    const { api } = ok(
      await createApi(server.platform, operator, {
        ...{ organizationId: acme.organizationId, name: 'Short-lived' },
        identifier: 'https://short-lived.example',
      }),
    );
    const path = `${home}/apis/${api.id}/deletion`;
    expect((await developer.open(path)).status).toBe(403);
    const wrong = await owner.submit(await owner.open(path), 'Delete the API', {
      'Type its name to confirm': 'short lived',
    });
    expect(wrong.status).toBe(422);
    const done = await owner.submit(wrong, 'Delete the API', { 'Type its name to confirm': 'Short-lived' });
    expect(done.url).toContain(`${home}/apis`);
    expect((await owner.open(path)).status).toBe(404);
  });
});
