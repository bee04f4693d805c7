import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteApi } from '../../../src/developers/apis/api-deletion.ts';
import { findApi } from '../../../src/developers/apis/api.ts';
import { addRoute, listRoutes, removeRoute } from '../../../src/developers/apis/gateway/route-changes.ts';
import { importRoutes, previewImport } from '../../../src/developers/apis/gateway/route-import.ts';
import { uploadReference } from '../../../src/developers/apis/reference/reference.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { openTestPlatform } from '../../support/platform.ts';
import { newApi, newOrganization, OPERATOR } from '../../support/world.ts';

const DOCUMENT = {
  openapi: '3.1.0',
  info: { title: 'Notes' },
  servers: [{ url: 'https://notes.example/v1/' }],
  security: [{ oauth: ['notes:read'] }],
  paths: {
    '/notes': { get: {}, post: { security: [{ oauth: ['notes:write'] }] } },
    '/notes/{id}': { get: {}, delete: { security: [{ oauth: ['notes:burn'] }] } },
    '/notes/{note}': { get: {} },
    '/notes/{id}.{format}': { get: {} },
    '/health': { get: { security: [] } },
    '/../etc': { get: {} },
  },
};

describe('the routes of an API', () => {
  let platform: OpenPlatform;
  let mine: { apiId: string; organizationId: string };
  beforeAll(async () => {
    platform = await openTestPlatform();
    const notes = await newApi(platform);
    const api = await findApi(platform, notes.identifier);
    mine = { apiId: String(api?.id), organizationId: notes.organizationId };
  });
  afterAll(() => platform.close());

  const add = (method: string, path: string, scopes: string[] = ['notes:read']) =>
    addRoute(platform, OPERATOR, { ...mine, method, path, scopes });
  const listed = async () =>
    (await listRoutes(platform, mine.apiId)).map(({ method, path, scopes }) => `${method} ${path} ${scopes}`);

  it('are listed one by one, each place once', async () => {
    expect(await add('get', '/notes/{id}')).toEqual({ ok: true });
    expect(await add('*', '/notes/{id}', [])).toEqual({ ok: true });
    for (const twin of ['/notes/{other}', '/Notes/{id}', '/notes/{id}/']) {
      expect(await add('GET', twin)).toMatchObject({ ok: false, reason: 'path' });
    }
    expect(await listed()).toEqual(['* /notes/{id} ', 'GET /notes/{id} notes:read']);
  });

  it.each([
    ['FETCH', '/x', ['notes:read'], 'method'],
    ['GET', 'x', ['notes:read'], 'path'],
    ['GET', '/x?y=1', [], 'path'],
    ['GET', '/x/{a}-{b}', [], 'path'],
    ['GET', '/x/{', [], 'path'],
    ['GET', '/{rest*}/x', [], 'path'],
    ['GET', '/x/../y', [], 'path'],
    ['GET', '/x//y', [], 'path'],
    ['GET', '/x%2fy', [], 'path'],
    ['GET', `/${'x'.repeat(300)}`, [], 'path'],
    ['GET', '/x', ['notes:burn'], 'scopes'],
    ['GET', '/x', ['*', 'notes:read'], 'scopes'],
  ])('refuse %s %s %s', async (method, path, scopes, reason) => {
    const before = await listed();
    expect(await add(method, path, scopes)).toMatchObject({ ok: false, reason });
    expect(await listed()).toEqual(before);
  });

  it('are nobody else’s to change', async () => {
    const organizationId = await newOrganization(platform, 'Somebody else');
    const [route] = await listRoutes(platform, mine.apiId);
    const theirs = { ...mine, organizationId };
    const wish = { ...theirs, method: 'GET', path: '/y', scopes: [] };
    expect(await addRoute(platform, OPERATOR, wish)).toMatchObject({ ok: false, reason: 'api' });
    const removal = { ...theirs, id: String(route?.id) };
    expect(await removeRoute(platform, OPERATOR, removal)).toMatchObject({ reason: 'api' });
    const other = await newApi(platform, { identifier: 'https://other.example' });
    const otherId = String((await findApi(platform, other.identifier))?.id);
    const mixed = { apiId: otherId, organizationId: other.organizationId, id: String(route?.id) };
    expect(await removeRoute(platform, OPERATOR, mixed)).toMatchObject({ ok: false, reason: 'route' });
    expect(await listed()).toHaveLength(2);
  });

  it('come from the reference as it was shown, beside what the owner wrote', async () => {
    expect(await previewImport(platform, mine.apiId)).toBeUndefined();
    await add('GET', '/v1/notes', ['notes:read', 'notes:write']);
    const bytes = Buffer.from(JSON.stringify(DOCUMENT));
    expect(await uploadReference(platform, OPERATOR, { ...mine, bytes })).toEqual({ ok: true });
    const preview = await previewImport(platform, mine.apiId);
    if (!preview) throw new Error('no preview');
    expect(preview.added.map(({ method, path, scopes }) => `${method} ${path} ${scopes}`).sort()).toEqual([
      'GET /v1/health *',
      'GET /v1/notes/{id} notes:read',
      'POST /v1/notes notes:write',
    ]);
    expect(preview.conflicts.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      'DELETE /v1/notes/{id}',
      'GET /v1/../etc',
      'GET /v1/notes',
      'GET /v1/notes/{id}.{format}',
      'GET /v1/notes/{note}',
    ]);
    const stale = { ...mine, uploadedAt: new Date(preview.uploadedAt.getTime() - 1) };
    expect(await importRoutes(platform, OPERATOR, stale)).toMatchObject({ ok: false, reason: 'route' });
    const shown = { ...mine, uploadedAt: preview.uploadedAt };
    expect(await importRoutes(platform, OPERATOR, shown)).toEqual({ ok: true });
    const after = await listed();
    expect(await importRoutes(platform, OPERATOR, shown)).toEqual({ ok: true });
    expect(await listed()).toEqual(after);
    expect(after).toContain('GET /v1/notes notes:read,notes:write');
    expect(after).toHaveLength(6);
    const again = await previewImport(platform, mine.apiId);
    expect(again?.removed).toEqual([]);
  });

  it('are removed one by one and on record, and all of them with the API', async () => {
    const [first] = await listRoutes(platform, mine.apiId);
    const removal = { ...mine, id: String(first?.id) };
    expect(await removeRoute(platform, OPERATOR, removal)).toEqual({ ok: true });
    expect(await removeRoute(platform, OPERATOR, removal)).toMatchObject({ ok: false, reason: 'route' });
    const events = await platform.db.auditEvent.findMany({ where: { action: 'api-routes.changed' } });
    expect(events.length).toBeGreaterThanOrEqual(5);
    const deleted = await deleteApi(platform, OPERATOR, { ...mine, typedName: 'Notes' });
    expect(deleted.ok).toBe(true);
    expect(await listed()).toEqual([]);
  });
});
