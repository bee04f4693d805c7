import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grantAccess } from '../../../src/developers/access/access.ts';
import { findApi, findApiById, registerApi } from '../../../src/developers/apis/api.ts';
import { deleteApi } from '../../../src/developers/apis/api-deletion.ts';
import { type ApiSettings, changeApi } from '../../../src/developers/apis/api-settings.ts';
import { approveHost } from '../../../src/developers/organizations/host-proofs.ts';
import { newId } from '../../../src/platform/ids.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { aClient, anApi, anOrganization, ok, operator } from '../../support/developers.ts';
import { openTestPlatform } from '../../support/platform.ts';

const member = operator;
let platform: OpenPlatform;
let acme: string;
let rival: string;

beforeAll(async () => {
  platform = await openTestPlatform();
  acme = await anOrganization(platform);
  rival = await anOrganization(platform, 'Rival');
});
afterAll(() => platform.close());

const SETTINGS: ApiSettings = {
  ...{ name: 'Notes', description: 'Notes of Acme', docsUri: 'https://docs.acme.example/notes' },
  ...{ tokenFormat: 'opaque', tokenSeconds: 3600, minimumAcr: 'aal2' },
};

const change = (apiId: string, wishes: Partial<ApiSettings>, organizationId = acme) =>
  changeApi(platform, member, { apiId, organizationId, ...SETTINGS, ...wishes });

describe('the settings of an API', () => {
  it('are changed together, and what changed is recorded', async () => {
    const { api } = await anApi(platform, acme);
    expect(ok(await change(api.id, {})).api).toMatchObject(SETTINGS);
    expect(await findApi(platform, api.identifier)).toMatchObject(SETTINGS);
    const event = await platform.db.auditEvent.findFirst({
      where: { targetId: api.id, action: 'api.changed' },
    });
    expect(event?.details).toEqual({
      ...{ description: 'Notes of Acme', docsUri: 'https://docs.acme.example/notes' },
      ...{ tokenSeconds: 3600, minimumAcr: 'aal2' },
    });
  });

  it.each([
    ['name', { name: 'No\u202etes' }],
    ['name', { name: '' }],
    ['description', { description: 'a\nb' }],
    ['description', { description: 'x'.repeat(301) }],
    ['docsUri', { docsUri: 'javascript:alert(1)' }],
    ['docsUri', { docsUri: 'http://docs.example' }],
    ['tokenSeconds', { tokenSeconds: 59 }],
    ['tokenSeconds', { tokenSeconds: 3601 }],
    ['tokenSeconds', { tokenSeconds: 601, tokenFormat: 'jwt' }],
    ['tokenSeconds', { tokenSeconds: Number.NaN }],
  ] as [string, Partial<ApiSettings>][])(
    'are left as they are for a wrong %s: %j',
    async (reason, wishes) => {
      const { api } = await anApi(platform, acme);
      const before = await findApiById(platform, api.id);
      expect(await change(api.id, wishes)).toMatchObject({ ok: false, reason });
      expect(await findApiById(platform, api.id)).toEqual(before);
    },
  );

  it('are its own organization’s to change', async () => {
    const { api } = await anApi(platform, acme);
    expect(await change(api.id, { name: 'Taken over' }, rival)).toMatchObject({ reason: 'api' });
    expect((await findApiById(platform, api.id))?.name).toBe('Notes');
  });

  it('include the identifier only until it is approved', async () => {
    const { api } = await anApi(platform, acme);
    ok(await change(api.id, { identifier: 'https://other.example' }));
    expect((await findApiById(platform, api.id))?.identifier).toBe(api.identifier);
  });

  it('let an API that waits claim another name, which is its own at once on a proven host', async () => {
    const actor = { kind: 'account', id: newId() } as const;
    const claim = { organizationId: acme, identifier: 'https://waits.example', name: 'Waits' };
    const row = ok(await registerApi(platform, operator, claim)).api;
    await platform.db.api.update({ where: { id: row.id }, data: { identifier: null } });
    const rename = (identifier: string) =>
      changeApi(platform, actor, { apiId: row.id, organizationId: acme, ...SETTINGS, identifier });
    expect(ok(await rename('https://api.later.example')).api).toMatchObject({ approved: false });
    const { api: taken } = await anApi(platform, rival);
    expect(await rename(`${taken.identifier}/`)).toMatchObject({ reason: 'identifier' });
    ok(await approveHost(platform, operator, { organizationId: acme, host: 'proven.example' }));
    expect(ok(await rename('https://api.proven.example/v1/')).api).toMatchObject({
      ...{ approved: true, identifier: 'https://api.proven.example/v1' },
    });
  });
});

describe('deleting an API', () => {
  it('ends its accesses, its credentials and what people allowed, and frees its name', async () => {
    const { api } = await anApi(platform, acme, { name: 'Gone' });
    const { client } = await aClient(platform, rival);
    const input = { clientId: client.id, apiIdentifier: api.identifier, scopes: ['notes:read'] };
    const access = ok(await grantAccess(platform, operator, { ...input, origin: 'operator' }));
    const consent = { accountId: newId(), clientId: client.id, resource: api.identifier, scopes: [] };
    await platform.db.consent.create({ data: { ...consent, id: newId(), grantedAt: platform.clock.now() } });

    const wish = { apiId: api.id, organizationId: acme, typedName: ' Gone ' };
    expect(await deleteApi(platform, member, { ...wish, typedName: 'gone' })).toMatchObject({
      reason: 'name',
    });
    expect(await deleteApi(platform, member, { ...wish, organizationId: rival })).toMatchObject({
      reason: 'api',
    });
    expect(ok(await deleteApi(platform, member, wish)).accesses).toBe(1);
    expect(await findApi(platform, api.identifier)).toBeUndefined();
    const { db } = platform;
    expect((await db.access.findUniqueOrThrow({ where: { id: access.id } })).endedAt).not.toBeNull();
    expect(await db.clientSecret.count({ where: { holderId: api.clientId } })).toBe(0);
    expect(await db.consent.count({ where: { resource: api.identifier } })).toBe(0);
    ok(await registerApi(platform, operator, { ...api, name: 'Again', scopes: [] }));
  });
});
