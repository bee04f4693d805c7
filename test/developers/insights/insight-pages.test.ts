import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeUsage } from '../../../src/developers/insights/usage-notes.ts';
import type { RunningServer } from '../../../src/main.ts';
import { findApi } from '../../../src/developers/apis/api.ts';
import { startTestServer } from '../../support/server.ts';
import { Visitor } from '../../support/visitor.ts';
import { type App, newApi, newApp, newPerson, type Notes, signIn } from '../../support/world.ts';

let server: RunningServer;
let api: Notes;
let app: App;
let member: Visitor;
let stranger: Visitor;
let home: string;
let apiPath: string;

beforeAll(async () => {
  server = await startTestServer();
  const { platform } = server;
  api = await newApi(platform);
  app = await newApp(platform, api, { type: 'machine', scopes: ['notes:read'] });
  const person = await newPerson(platform);
  const row = { organizationId: api.organizationId, accountId: person.id, role: 'viewer' };
  await platform.db.organizationMember.create({ data: { ...row, createdAt: new Date() } });
  [member, stranger] = [new Visitor(server.url), new Visitor(server.url)];
  await signIn(member, person);
  await signIn(stranger, await newPerson(platform));
  home = `/developers/organizations/${api.organizationId}`;
  apiPath = `${home}/apis/${(await findApi(platform, api.identifier))?.id}`;
});
afterAll(() => server.stop());

async function askForToken(secret: string): Promise<string> {
  const answer = await fetch(`${server.url}/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa(`${app.clientId}:${secret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'notes:read' }),
  });
  return String(((await answer.json()) as { access_token?: string }).access_token);
}

describe('the usage of an app and an API', () => {
  it('shows what was really called, with the numbers of each chart in a table', async () => {
    const token = await askForToken(app.secret);
    await askForToken(app.secret);
    await askForToken('wrong');
    await fetch(`${server.url}/token/introspection`, {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa(`${api.clientId}:${api.secret}`)}` },
      body: new URLSearchParams({ token }),
    });
    await writeUsage(server.platform);
    const page = await member.open(`${home}/apps/${app.clientId}/usage`);
    expect(page.status).toBe(200);
    // Whoever has not proven to be the app counts nowhere: the wrong secret is not among them.
    expect(page.text).toContain('2 in all, 0 of them failed. The most: 2 from');
    expect(page.html.match(/<svg viewBox="0 0 \d+ 240"/g)?.length).toBe(4);
    expect(page.html.match(/<details>/g)?.length).toBeGreaterThanOrEqual(4);
    const ofApi = await member.open(`${apiPath}/usage?span=30d`);
    expect(ofApi.text).toContain('1 in all, 0 of them failed.');
  });

  it('comes as CSV', async () => {
    await writeUsage(server.platform);
    const { headers, html } = await member.open(`${home}/apps/${app.clientId}/usage/calls.csv?span=30d`);
    expect(headers.get('Content-Type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('Content-Disposition')).toBe(`attachment; filename="${app.clientId}-calls-30d.csv"`);
    expect(html).toMatch(
      /^from_utc,endpoint,error,requests,tokens,p50_ms,p95_ms,p99_ms\r\n\d{4}-.*,token,,2,2,/,
    );
    const people = await member.open(`${home}/apps/${app.clientId}/usage/people.csv`);
    expect(people.html.split('\r\n').length).toBe(16);
  });

  it('reads any other span as the last two days', async () => {
    for (const span of ['', 'x', '48h&span=90d', '__proto__']) {
      const page = await member.open(`${home}/apps/${app.clientId}/usage?span=${span}`);
      expect(page.status).toBe(200);
    }
  });
});

describe('the checks', () => {
  it('say what is to be put right, why, and where', async () => {
    const page = await member.open(`${home}/apps/${app.clientId}/checks`);
    expect(page.text).toContain('This app proves itself by a secret');
    expect(page.text).toContain('Rule: RFC 9700 §2.5');
    // A viewer may change nothing, so is sent nowhere.
    expect(page.links.has('Put it right')).toBe(false);
    const ofApi = await member.open(`${apiPath}/checks`);
    expect(ofApi.text).toContain('Scopes without a sentence for developers: notes:read and notes:write');
  });
});

it('nobody else sees any of it, nor whether it is there', async () => {
  for (const path of ['usage', 'usage/calls.csv', 'usage/people.csv', 'checks']) {
    for (const below of [`${home}/apps/${app.clientId}`, apiPath]) {
      const theirs = await stranger.open(`${below}/${path}`);
      const nobodys = await stranger.open(`${below.slice(0, -1)}x/${path}`);
      expect([theirs.status, nobodys.status]).toEqual([404, 404]);
      expect((await new Visitor(server.url).open(`${below}/${path}`, { follow: false })).status).toBe(303);
    }
    const crossed = await member.open(`${home}/apps/${api.clientId}/${path}`);
    expect(crossed.status).toBe(404);
  }
});
