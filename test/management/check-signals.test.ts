import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeSignals } from '../../src/defense/signals/write-signals.ts';
import { grantAccess } from '../../src/developers/access/access.ts';
import { findApi } from '../../src/developers/apis/api.ts';
import { addRoute } from '../../src/developers/apis/gateway/route-changes.ts';
import { issued, openStage, post, type Stage, tokensFor } from '../oidc/stage.ts';
import { askCheck, type AskedCheck } from '../support/ask-check.ts';
import { PATIENCE } from '../support/patience.ts';
import { type App, newApi, newApp, newOrganization, type Notes, OPERATOR } from '../support/world.ts';

const ROUTES = [
  ['GET', '/notes/{id}', 'notes:read'],
  ['PUT', '/notes/{id}', 'notes:write'],
] as const;

describe('what the watch is told of checks', () => {
  let stage: Stage;
  let elsewhere: Notes;
  let apiId: string;
  let guest: App;
  let service: string;
  beforeAll(async () => {
    stage = await openStage();
    const { platform } = stage.server;
    elsewhere = await newApi(platform, { identifier: 'https://calendar.example' });
    const found = await findApi(platform, stage.api.identifier);
    apiId = String(found?.id);
    for (const [method, path, scope] of ROUTES)
      await addRoute(platform, OPERATOR, {
        ...{ apiId, organizationId: stage.api.organizationId },
        ...{ method, path, scopes: [scope] },
      });
    const organizationId = await newOrganization(platform, 'Guests');
    guest = await newApp(platform, stage.api, { organizationId, type: 'machine', scopes: ['notes:read'] });
    service = await tokenWithAccessTo(guest, ['notes:read']);
    await vi.waitFor(async () => expect((await ask({ uri: '/other' })).status).toBe(403), PATIENCE);
  });
  afterAll(() => stage.server.stop());
  beforeEach(async () => {
    await writeSignals(stage.server.platform);
    await stage.server.platform.db.signalCount.deleteMany();
    await stage.server.platform.db.signalMember.deleteMany();
  });

  const ask = (asked: AskedCheck = {}) =>
    askCheck(stage.issuer, { api: stage.api, token: service, uri: '/notes/1', ...asked });

  async function tokenWithAccessTo(app: App, scopes: string[]): Promise<string> {
    const access = { apiIdentifier: stage.api.identifier, origin: 'operator', scopes } as const;
    await grantAccess(stage.server.platform, OPERATOR, { ...access, clientId: app.clientId });
    const form = { grant_type: 'client_credentials', scope: 'notes:read' };
    return issued(await post(stage, '/token', app, form)).access_token;
  }

  /** What went wrong, on whom it was noted, and how many distinct others it was about. */
  async function noted(): Promise<string[]> {
    await writeSignals(stage.server.platform);
    const rows = await stage.server.platform.db.signalCount.findMany();
    const members = await stage.server.platform.db.signalMember.findMany();
    const work = ['calls', 'introspections', 'tokens-issued', 'token-calls', 'people-reached'];
    return rows
      .filter(({ signal }) => !work.includes(signal))
      .map(({ signal, subjectKind, subject, count }) => {
        const distinct = members.filter((one) => one.subject === subject && one.signal === signal).length;
        return `${signal} ×${count} of ${distinct}, ${subjectKind} ${subject}`;
      })
      .sort();
  }

  it('a route for which the access lacks a scope was tried by the app', async () => {
    expect((await ask({ method: 'PUT' })).status).toBe(403);
    expect((await ask({ method: 'PUT', uri: '/notes/2' })).status).toBe(403);
    expect(await noted()).toEqual([`route-refused ×2 of 1, access ${guest.clientId} ${apiId}`]);
  });

  it('a route for which only the token lacks a scope was not: the app may ask for it', async () => {
    const { platform } = stage.server;
    const organizationId = await newOrganization(platform, 'Forgetful guests');
    const scopes = ['notes:read', 'notes:write'];
    const app = await newApp(platform, stage.api, { organizationId, type: 'machine', scopes });
    const token = await tokenWithAccessTo(app, scopes);
    expect((await ask({ method: 'PUT', token })).headers['gatehouse-reason']).toBe('insufficient-scope');
    expect(await noted()).toEqual([]);
  });

  it('paths that no route covers count by where they leave the listed ones', async () => {
    for (const uri of ['/admin', '/admin/1', '/users', '/notes/1/tags', '/notes/2/tags', '/x/../notes/1'])
      expect((await ask({ uri })).status).toBe(403);
    expect((await ask({ method: 'DELETE' })).status).toBe(403);
    expect(await noted()).toEqual([`route-unlisted ×7 of 5, access ${guest.clientId} ${apiId}`]);
  });

  it('with a person’s token they count against its grant alone', async () => {
    const app = await newApp(stage.server.platform, stage.api, { firstParty: true });
    const { access_token: token } = await tokensFor(stage, app);
    await ask({ token, uri: '/admin' });
    const grant = await stage.server.platform.db.grant.findFirst({ where: { clientId: app.clientId } });
    expect(await noted()).toEqual([`route-unlisted ×1 of 1, grant ${grant?.id}`]);
  });

  it('tokens that are unknown or of another API are something that came to the API', async () => {
    const other = await newApp(stage.server.platform, elsewhere, { type: 'machine', scopes: ['notes:read'] });
    const foreign = issued(await post(stage, '/token', other, { grant_type: 'client_credentials' }));
    for (const token of ['one', 'two', 'two', foreign.access_token])
      expect((await ask({ token })).status).toBe(401);
    expect(await noted()).toEqual([
      `foreign-introspection ×1 of 1, api ${apiId}`,
      `unknown-token ×3 of 2, api ${apiId}`,
    ]);
  });

  it('whoever merely names an API says nothing of it', async () => {
    await ask({ api: { ...stage.api, secret: 'a guess' }, token: 'one' });
    await ask({ api: { ...stage.api, secret: 'a guess' }, uri: '/admin' });
    expect(await noted()).toEqual([]);
  });
});
