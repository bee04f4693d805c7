import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { grantAccess } from '../../src/developers/access/access.ts';
import { changeScope } from '../../src/developers/apis/scopes/scope-changes.ts';
import type { RunningServer } from '../../src/main.ts';
import { startTestServer } from '../support/server.ts';
import { type ShiftedTime, shiftTime } from '../support/time.ts';
import { type App, newApi, newApp, newOrganization, type Notes, OPERATOR } from '../support/world.ts';
import { type Answer, introspected, type Params, post } from './stage.ts';

describe('a machine that asks for a token of its own', () => {
  let server: RunningServer;
  let api: Notes;
  let reader: App;
  let both: App;
  let stranger: App;
  let time: ShiftedTime | undefined;
  beforeAll(async () => {
    server = await startTestServer();
    const { platform } = server;
    api = await newApi(platform);
    await newApi(platform, { identifier: 'https://calendar.example' });
    reader = await newApp(platform, api, { type: 'machine', scopes: ['notes:read'] });
    both = await newApp(platform, api, { type: 'machine', scopes: ['notes:read', 'notes:write'] });
    const organizationId = await newOrganization(platform, 'Somebody else');
    stranger = await newApp(platform, api, { type: 'machine', organizationId });
  });
  afterAll(() => server.stop());
  afterEach(() => time?.restore());

  const ask = (app: App, params: Params = {}): Promise<Answer> =>
    post({ issuer: server.url }, '/token', app, { grant_type: 'client_credentials', ...params });

  const seen = async (caller: App | Notes, answer: Answer) =>
    JSON.parse(await introspected({ issuer: server.url }, caller, String(answer.body.access_token)));

  function expectRefused(answer: Answer, error: string, words: string): void {
    expect(answer.status).toBe(400);
    expect(answer.body.error).toBe(error);
    expect(answer.body.error_description).toContain(words);
  }

  it('gets its registered read scopes at its default API where it names nothing', async () => {
    const answer = await ask(both);
    expect(answer.body).toMatchObject({ scope: 'notes:read', token_type: 'Bearer', expires_in: 600 });
    expect(answer.body).not.toHaveProperty('refresh_token');
    expect(answer.body).not.toHaveProperty('id_token');
    expect(await seen(api, answer)).toMatchObject({
      active: true,
      aud: api.identifier,
      client_id: both.clientId,
      scope: 'notes:read',
    });
  });

  it('is nobody: its token has no subject of a person', async () => {
    expect(await seen(api, await ask(reader))).not.toHaveProperty('sub');
  });

  it('gets what it names', async () => {
    const answer = await ask(both, { scope: 'notes:write notes:read notes:read' });
    expect(String(answer.body.scope).split(' ').sort()).toEqual(['notes:read', 'notes:write']);
  });

  it('without registered scopes may name any of its own organization, and must', async () => {
    const any = await newApp(server.platform, api, { type: 'machine' });
    expectRefused(await ask(any), 'invalid_scope', 'no default');
    expect((await ask(any, { scope: 'notes:write' })).body.scope).toBe('notes:write');
  });

  it('gets no sensitive scope unless it names it', async () => {
    const { platform } = server;
    const careful = await newApi(platform, {
      organizationId: api.organizationId,
      identifier: 'https://careful.example',
    });
    await changeScope(platform, OPERATOR, {
      apiIdentifier: careful.identifier,
      name: 'notes:read',
      sensitivity: 'sensitive',
    });
    const app = await newApp(platform, careful, { type: 'machine', scopes: ['notes:read'] });
    expectRefused(await ask(app), 'invalid_scope', 'no default');
    expect((await ask(app, { scope: 'notes:read' })).body.scope).toBe('notes:read');
  });

  const scopes: [string, string, string][] = [
    ['nobody knows', 'notes:fly', 'does not have the scope notes:fly'],
    ['it did not register', 'notes:write', 'did not register the scope notes:write'],
    ['that belongs to people', 'openid', 'does not have the scope openid'],
    ['that belongs to people, among others', 'notes:read offline_access', 'offline_access'],
    ['in capitals', 'NOTES:READ', 'does not have'],
    ['that is a property', '__proto__', 'does not have'],
    ['of five kilobytes', 'x'.repeat(5000), 'does not have the scope that was asked for'],
  ];
  it.each(scopes)('is refused a scope %s: %s', async (_what, scope, words) => {
    expectRefused(await ask(reader, { scope }), 'invalid_scope', words);
  });

  it.each([
    'notes:read\tnotes:write',
    ' notes:read',
    'notes:read ',
    'notes:read  notes:read',
    'a"b',
    'ü',
    'a\0b',
  ])('is refused a scope that is none: %j', async (scope) => {
    expectRefused(await ask(reader, { scope }), 'invalid_scope', 'invalid characters');
  });

  it('may not name several scopes in several parameters', async () => {
    expectRefused(await ask(both, { scope: ['notes:read', 'notes:write'] }), 'invalid_request', 'twice');
  });

  it.each([
    ['that does not exist', 'https://nowhere.example', 'No API has this identifier'],
    ['of somebody else', 'https://calendar.example', 'has no access to https://calendar.example'],
    ['that is relative', 'notes', 'absolute'],
    ['with a fragment', 'https://notes.example#a', 'fragment'],
    ['that is this very server', 'issuer', 'No API has this identifier'],
    ['that is a property', '__proto__', 'absolute'],
  ])('is refused an API %s', async (_what, resource, words) => {
    const target = resource === 'issuer' ? server.url : resource;
    expectRefused(await ask(reader, { resource: target }), 'invalid_target', words);
  });

  it('names one API, in any spelling of its identifier', async () => {
    for (const resource of [api.identifier, 'https://NOTES.example', 'https://notes.example:443/']) {
      expect((await seen(api, await ask(reader, { resource }))).aud).toBe(api.identifier);
    }
    const two = await ask(reader, { resource: [api.identifier, `${api.identifier}/`] });
    expectRefused(two, 'invalid_target', 'single resource');
  });

  it('gets no token for no API: there is nobody to ask userinfo about', async () => {
    const bare = await newApp(server.platform, api, { type: 'machine', resources: [] });
    for (const scope of [undefined, 'openid', 'notes:read', 'anything']) {
      expectRefused(await ask(bare, { scope }), 'invalid_target', 'names no API');
    }
  });

  describe('of another organization', () => {
    it('gets nothing without access, and is told whom to ask', async () => {
      expectRefused(
        await ask(stranger, { scope: 'notes:read' }),
        'invalid_target',
        'Ask the owner of the API',
      );
    });

    it('gets what its access holds, no more, and only until it ends', async () => {
      time = shiftTime();
      const app = await strangerWith(['notes:read'], 300);
      const token = await ask(app, { scope: 'notes:read' });
      expect(await seen(api, token)).toMatchObject({ active: true, scope: 'notes:read' });
      expectRefused(await ask(app, { scope: 'notes:write' }), 'invalid_scope', 'was not given');
      time.forward(301);
      expectRefused(await ask(app, { scope: 'notes:read' }), 'invalid_target', 'ended at');
      expect(await seen(api, token)).toEqual({ active: false });
    });

    it('keeps what another access still holds: a token narrows to it', async () => {
      time = shiftTime();
      const app = await strangerWith(['notes:read', 'notes:write'], 300);
      await giveAccess(app, ['notes:read']);
      const token = await ask(app, { scope: 'notes:read notes:write' });
      expect((await seen(api, token)).scope).toBe('notes:read notes:write');
      time.forward(301);
      expect(await seen(api, token)).toMatchObject({ active: true, scope: 'notes:read' });
      expectRefused(await ask(app, { scope: 'notes:write' }), 'invalid_scope', 'has ended');
    });

    it('cannot widen its access by registering more', async () => {
      const app = await strangerWith(['notes:read'], undefined, ['notes:read', 'notes:write']);
      expect((await ask(app)).body.scope).toBe('notes:read');
      expectRefused(await ask(app, { scope: 'notes:write' }), 'invalid_scope', 'was not given');
    });

    async function strangerWith(scopes: string[], seconds?: number, registered?: string[]): Promise<App> {
      const organizationId = await newOrganization(server.platform, 'Somebody else');
      const app = await newApp(server.platform, api, {
        type: 'machine',
        organizationId,
        ...(registered && { scopes: registered }),
      });
      await giveAccess(app, scopes, seconds);
      return app;
    }

    async function giveAccess({ clientId }: App, scopes: string[], seconds?: number): Promise<void> {
      const until = seconds === undefined ? undefined : new Date(Date.now() + seconds * 1000);
      const input = { clientId, apiIdentifier: api.identifier, scopes, until, origin: 'operator' } as const;
      const granted = await grantAccess(server.platform, OPERATOR, input);
      if (!granted.ok) throw new Error(granted.sentence);
    }
  });
});
