import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSuspension, type SuspensionWish } from '../../../src/defense/suspensions/start.ts';
import type { RunningServer } from '../../../src/main.ts';
import { findApi } from '../../../src/developers/apis/api.ts';
import { newId } from '../../../src/platform/ids.ts';
import { startTestServer } from '../../support/server.ts';
import { ok } from '../../support/developers.ts';
import { Visitor } from '../../support/visitor.ts';
import {
  type App,
  newApi,
  newApp,
  newOrganization,
  newPerson,
  OPERATOR,
  signIn,
} from '../../support/world.ts';

let server: RunningServer;
let maker: string;
let app: App;
let host: { organizationId: string; apiId: string };
let owner: Visitor;
let viewer: Visitor;
let stranger: Visitor;

async function memberOf(organizationId: string, role: string): Promise<Visitor> {
  const person = await newPerson(server.platform);
  const createdAt = server.platform.clock.now();
  await server.platform.db.organizationMember.create({
    data: { organizationId, accountId: person.id, role, createdAt },
  });
  const visitor = new Visitor(server.url);
  await signIn(visitor, person);
  return visitor;
}

beforeAll(async () => {
  server = await startTestServer();
  const api = await newApi(server.platform);
  const apiId = (await findApi(server.platform, api.identifier))?.id ?? '';
  host = { organizationId: api.organizationId, apiId };
  maker = await newOrganization(server.platform, 'Paper & Pencil');
  app = await newApp(server.platform, api, { organizationId: maker, name: 'Planner' });
  owner = await memberOf(maker, 'owner');
  viewer = await memberOf(maker, 'viewer');
  stranger = await memberOf(host.organizationId, 'owner');
}, 60_000);
afterAll(() => server.stop());

async function stopped(wish: Partial<SuspensionWish> = {}): Promise<string> {
  const ids = { clientId: app.clientId, apiId: host.apiId };
  const note = 'Its page copies the look of a bank.';
  const evidence = { times: 4711, distinct: 42 };
  const whole = { kind: 'access', ids, note, evidence, ...wish } as const;
  return ok(await startSuspension(server.platform, OPERATOR, whole)).suspension.id;
}

const at = (organization: string, below: string) => `/developers/organizations/${organization}${below}`;

describe('the page of a suspension', () => {
  it('says to every member of the app why, until when and what to fix', async () => {
    const id = await stopped();
    const list = await viewer.open(at(maker, `/apps/${app.clientId}/suspensions`));
    expect(list.text).toContain('Every call to Notes');
    const page = await viewer.open(at(maker, `/suspensions/${id}`));
    expect(page.text).toContain('Its page copies the look of a bank.');
    expect(page.text).toContain('4,711 times');
    expect(page.text).toContain('Owners, developers and security contacts of this organization may appeal.');
    expect((await viewer.open(at(maker, ''))).text).toContain('· Every call to Notes: Paused');
  });

  it('is no page for anybody else, under whatever organization it is asked for', async () => {
    const id = await stopped();
    const paths = [at(maker, `/suspensions/${id}`), at(host.organizationId, `/suspensions/${id}`)];
    for (const path of paths) expect((await stranger.open(path)).status).toBe(404);
    const unknown = await owner.open(at(maker, `/suspensions/${newId()}`));
    expect([unknown.status, (await owner.open(at(maker, '/suspensions/x'))).status]).toEqual([404, 404]);
    expect((await owner.open(at(host.organizationId, `/suspensions/${id}`))).status).toBe(404);
  });

  it('of a person is no page of the app', async () => {
    const ids = { grantId: newId(), accountId: newId(), clientId: app.clientId };
    const id = await stopped({ kind: 'grant', ids });
    expect((await owner.open(at(maker, `/suspensions/${id}`))).status).toBe(404);
    expect((await owner.open(at(maker, `/apps/${app.clientId}/suspensions`))).html).not.toContain(id);
  });

  it('tells the owners of the API that, but neither why nor what was counted', async () => {
    await stopped();
    const page = await stranger.open(at(host.organizationId, `/apis/${host.apiId}/suspensions`));
    expect(page.text).toContain('Planner');
    expect(page.text).not.toMatch(/copies the look|4,711/);
  });

  it('of an app that only would have been stopped is no page', async () => {
    const job = { kind: 'job', id: 'watch' } as const;
    const ids = { clientId: app.clientId };
    const wish: SuspensionWish = { kind: 'client', ids, rule: 'scopes-probed', dryRun: true };
    const { id } = ok(await startSuspension(server.platform, job, wish)).suspension;
    expect((await owner.open(at(maker, `/suspensions/${id}`))).status).toBe(404);
  });
});

describe('an appeal in the portal', () => {
  const TEXT = 'We took the page down. <script>alert(1)</script>';
  const field = 'What should they know?';

  // What was suspended before is over: an operator cannot narrow what waits for people.
  beforeEach(async () => {
    const data = { state: 'ended', endedAt: server.platform.clock.now(), endedBy: 'operator' };
    await server.platform.db.suspension.updateMany({ where: { endedAt: null }, data });
  });

  it('is sent once, shown as it was written, and its form cannot be sent again', async () => {
    const id = await stopped({ kind: 'client' });
    const path = at(maker, `/suspensions/${id}`);
    const form = await owner.open(path);
    const other = await owner.open(path);
    const sent = await owner.submit(form, 'Send the appeal', { [field]: TEXT });
    expect(sent.text).toContain('Your appeal was sent.');
    expect(sent.html).not.toContain('<script>alert');
    const again = await owner.submit(other, 'Send the appeal', { [field]: TEXT });
    expect([again.status, again.text]).toEqual([422, expect.stringContaining('There is an appeal')]);
    expect(await server.platform.db.appeal.count({ where: { suspensionId: id } })).toBe(1);
  });

  it('is not for those who only look, nor for others', async () => {
    const id = await stopped({ kind: 'access-writes' });
    const form = await owner.open(at(maker, `/suspensions/${id}`));
    expect((await viewer.submit(form, 'Send the appeal', { [field]: TEXT })).status).toBe(403);
    expect([403, 404]).toContain((await stranger.submit(form, 'Send the appeal', { [field]: TEXT })).status);
    expect(await server.platform.db.appeal.count({ where: { suspensionId: id } })).toBe(0);
  });

  it('that is too short is asked for again with what was typed', async () => {
    const id = await stopped({ until: new Date(Date.now() + 3_600_000) });
    const form = await owner.open(at(maker, `/suspensions/${id}`));
    const answer = await owner.submit(form, 'Send the appeal', { [field]: 'Why?' });
    expect(answer.status).toBe(422);
    expect(answer.html).toContain('>Why?</textarea>');
  });
});
