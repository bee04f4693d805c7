import { describe, expect, it } from 'vitest';
import { judgeRoute } from '../../../src/developers/apis/gateway/judge-route.ts';
import { type ApiRoute, routeTable, shapeOf } from '../../../src/developers/apis/gateway/route-table.ts';

const SCOPES = [
  { name: 'notes:read', kind: 'read', sensitivity: 'basic' },
  { name: 'notes:write', kind: 'write', sensitivity: 'basic' },
  { name: 'notes:admin', kind: 'admin', sensitivity: 'sensitive' },
] as const;

const ROUTES: ApiRoute[] = [
  { method: 'GET', path: '/notes', scopes: ['notes:read'] },
  { method: '*', path: '/notes', scopes: ['notes:write'] },
  { method: 'GET', path: '/notes/{id}', scopes: ['notes:read'] },
  { method: 'GET', path: '/notes/secret', scopes: ['notes:admin'] },
  { method: 'HEAD', path: '/notes/{id}/size', scopes: [] },
  { method: 'GET', path: '/notes/{id}/size', scopes: ['notes:read'] },
  { method: 'GET', path: '/files/{rest*}', scopes: ['notes:read'] },
  { method: 'DELETE', path: '/files/{rest*}', scopes: ['notes:write', 'notes:admin'] },
  { method: 'GET', path: '/files/private/{rest*}', scopes: ['notes:admin'] },
  { method: 'GET', path: '/people/', scopes: ['notes:read'] },
  { method: 'GET', path: '/caf%C3%A9', scopes: ['notes:read'] },
  { method: 'GET', path: '/health', scopes: [] },
];

const listed = (method: string, target: string, held: string[] = ['notes:read']) => {
  const verdict = judgeRoute({ scopes: SCOPES, table: routeTable(ROUTES) }, { method, target }, held);
  return verdict.ok ? (verdict.route?.path ?? 'any') : verdict.reason;
};

describe('where a call leaves what is listed', () => {
  const strayed = (method: string, target: string) => {
    const verdict = judgeRoute({ scopes: SCOPES, table: routeTable(ROUTES) }, { method, target }, []);
    return verdict.ok ? undefined : verdict.strayed;
  };

  it.each([
    ['GET', '/admin', '/admin'],
    ['GET', '/admin/users/1', '/admin'],
    ['GET', '/.env', '/.env'],
    ['GET', '/v2/notes/17', '/…'],
    ['GET', '/17', '/…'],
    ['GET', '/notes/17/tags', '/notes/{}/tags'],
    ['GET', '/notes/18/tags/19', '/notes/{}/tags'],
    ['GET', '/notes/17/18', '/notes/{}/…'],
    ['GET', '/people/alice', '/people/…'],
    ['GET', '/people/bob/pictures', '/people/…'],
    ['DELETE', '/notes/17', 'DELETE /notes/{}'],
    ['DELETE', '/notes/secret', 'DELETE /notes/secret'],
    ['PUT', '/files/a/b/c', 'PUT /files'],
    ['GET', '/', 'GET /'],
  ])('%s %s: %s', (method, target, expected) => {
    expect(strayed(method, target)).toBe(expected);
  });

  it('is one place for everything that is asked for at one wrong address', () => {
    const targets = Array.from({ length: 200 }, (_, number) => `/customers/name${number}/orders/${number}`);
    expect(new Set(targets.map((target) => strayed('GET', target))).size).toBe(1);
  });
});

describe('routes that an owner listed', () => {
  it.each([
    ['GET', '/notes', '/notes'],
    ['GET', '/notes?a=b', '/notes'],
    ['HEAD', '/notes', '/notes'],
    ['POST', '/notes', 'insufficient-scope'],
    ['GET', '/notes/17', '/notes/{id}'],
    ['GET', '/notes/secret', 'insufficient-scope'],
    ['HEAD', '/notes/17/size', '/notes/{id}/size'],
    ['DELETE', '/notes/17', 'not-listed'],
    ['GET', '/notes/17/18', 'not-listed'],
    ['GET', '/', 'not-listed'],
    ['GET', '/files/a/b/c', '/files/{rest*}'],
    ['GET', '/files', '/files/{rest*}'],
    ['GET', '/files/', '/files/{rest*}'],
    ['GET', '/files/private', 'insufficient-scope'],
    ['GET', '/files/private/a', 'insufficient-scope'],
    ['GET', '/people/', '/people/'],
    ['GET', '/people', 'odd-path'],
    ['GET', '/caf%C3%A9', '/caf%C3%A9'],
    ['GET', '/caf%c3%a9', '/caf%C3%A9'],
    ['GET', '/cafe%CC%81', 'odd-path'],
    ['GET', '/health', '/health'],
    ['POST', '/health', 'not-listed'],
  ])('%s %s: %s', (method, target, expected) => {
    expect(listed(method, target)).toBe(expected);
  });

  it.each([
    '/Notes',
    '/NOTES',
    '/notes/',
    '/notes.json',
    '/notes/Secret',
    '/notes/secret/',
    '/notes/secret.xml',
    '/notes/secret.tar.gz',
    '/notes/%C5%BFecret',
  ])('refuse %s, which a lenient server would take for another, whatever the scopes', (target) => {
    expect(listed('GET', target, ['notes:read', 'notes:write', 'notes:admin'])).toBe('odd-path');
  });

  it('refuse another spelling of what lies under a wider route', () => {
    for (const target of [
      '/files/PRIVATE/a',
      '/files/Private',
      '/Files/private/a',
      '/files/private.txt',
      '/files/pr%C4%B1vate/a',
      '/files/private.a.b',
    ]) {
      expect([target, listed('GET', target)]).toEqual([target, 'odd-path']);
    }
    expect(listed('GET', '/files/Readme.TXT')).toBe('/files/{rest*}');
  });

  it('need all their scopes, and say which', () => {
    const rules = { scopes: SCOPES, table: routeTable(ROUTES) };
    const verdict = judgeRoute(rules, { method: 'DELETE', target: '/files/a' }, ['notes:write']);
    expect(verdict).toMatchObject({
      scope: 'notes:write notes:admin',
      sentence: 'DELETE /files/{rest*} needs notes:write notes:admin, and this token lacks notes:admin.',
    });
    expect(listed('DELETE', '/files/a', ['notes:write', 'notes:admin'])).toBe('/files/{rest*}');
  });

  it('are found the same in whatever order they were listed', () => {
    const targets = ['/notes', '/notes/secret', '/notes/17', '/files/private/x', '/files/x'];
    const found = (routes: ApiRoute[]) =>
      targets.map((target) =>
        judgeRoute({ scopes: SCOPES, table: routeTable(routes) }, { method: 'GET', target }, []),
      );
    expect(found(ROUTES.toReversed())).toEqual(found(ROUTES));
  });

  it('are searched once each, so that a long path of nothing but known segments costs no more than a short one', () => {
    const path = '/x'.repeat(150);
    const table = routeTable([{ method: 'GET', path, scopes: [] }]);
    for (const target of [path, `${path}/x`, path.replace(/x$/, 'y')]) {
      const verdict = judgeRoute({ scopes: SCOPES, table }, { method: 'POST', target }, []);
      expect(verdict).toMatchObject({ ok: false, reason: 'not-listed' });
    }
  });

  it('have the same shape where no request could tell them apart', () => {
    expect(shapeOf('/notes/{id}')).toBe(shapeOf('/Notes/{note}/'));
    expect(shapeOf('/notes/{id}')).not.toBe(shapeOf('/notes/{id*}'));
    expect(shapeOf('/notes')).not.toBe(shapeOf('/notes/{id}'));
  });
});

describe('an API that lists nothing', () => {
  const plain = (method: string, held: string[]) => {
    const verdict = judgeRoute({ scopes: SCOPES, table: undefined }, { method, target: '/x' }, held);
    return verdict.ok || [verdict.reason, verdict.scope];
  };

  it.each(['GET', 'HEAD', 'OPTIONS'])('lets %s through with a scope that reads', (method) => {
    expect(plain(method, ['notes:read'])).toBe(true);
    expect(plain(method, ['notes:write', 'notes:admin'])).toEqual(['insufficient-scope', 'notes:read']);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'LINK'])('lets %s through with one that writes', (method) => {
    expect(plain(method, ['notes:write'])).toBe(true);
    expect(plain(method, ['notes:admin'])).toBe(true);
    expect(plain(method, ['notes:read'])).toEqual(['insufficient-scope', 'notes:write']);
  });

  it('refuses everything where it has no scope of the kind', () => {
    const rules = { scopes: SCOPES.slice(0, 1), table: undefined };
    const verdict = judgeRoute(rules, { method: 'POST', target: '/x' }, ['notes:read']);
    expect(verdict).toMatchObject({ ok: false, reason: 'insufficient-scope' });
    expect(verdict).not.toHaveProperty('scope');
  });
});
