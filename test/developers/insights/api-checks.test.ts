import { describe, expect, it } from 'vitest';
import { API_CHECKS, type ApiFacts } from '../../../src/developers/insights/checks/api-checks.ts';
import type { CheckedScope, LiveCredential } from '../../../src/developers/insights/checks/check.ts';
import { judgeAll } from '../../../src/developers/insights/checks/findings.ts';
import { inEnglish } from '../../../src/platform/words/english.ts';
import { ROUTE_LINES } from '../../support/route-lines.ts';

const NOW = new Date('2026-11-28T12:00:00Z');
const ago = (days: number) => new Date(NOW.getTime() - days * 86_400_000);
const places = { home: '/developers/organizations/o', own: '/developers/organizations/o/apis/a' };

const secret: LiveCredential = {
  ...{ label: '', createdAt: ago(10), expiresAt: null, lastUsedAt: ago(1), replacedAt: null },
};
const scope = (name: string, over: Partial<CheckedScope> = {}): CheckedScope => ({
  ...{ name, kind: name.split(':')[1] ?? 'read', sensitivity: 'basic', details: 'Opens it.' },
  ...{ deprecatedAt: null, successor: null },
  ...over,
});

/** An API about which nothing is to be said. */
const SOUND: ApiFacts = {
  now: NOW,
  approved: true,
  description: 'Notes of people.',
  tokenFormat: 'opaque',
  tokenSeconds: null,
  minimumAcr: null,
  termsVersion: 1,
  createdAt: ago(100),
  hasReference: true,
  referenceFaults: 0,
  scopes: [scope('notes:read'), scope('notes:write')],
  secrets: [secret],
  owners: 2,
  openScopes: ['notes:read'],
  uncapped: 0,
  accessedScopes: ['notes:read'],
};

const scopes = (...all: CheckedScope[]): ApiFacts => ({ ...SOUND, scopes: all });
const old = scope('notes:read', { deprecatedAt: ago(1), successor: 'notes.read' });

const CASES: Record<string, [breaks: ApiFacts, holds: ApiFacts]> = {
  'identifier-unproven': [{ ...SOUND, approved: false }, SOUND],
  'acr-missing': [
    scopes(scope('notes:read', { sensitivity: 'sensitive' })),
    { ...scopes(scope('notes:read', { sensitivity: 'sensitive' })), minimumAcr: 'aal2' },
  ],
  'jwt-changes': [
    { ...SOUND, tokenFormat: 'jwt' },
    { ...scopes(scope('notes:read')), tokenFormat: 'jwt' },
  ],
  'token-long': [
    { ...SOUND, tokenSeconds: 7200 },
    { ...SOUND, tokenSeconds: 3600 },
  ],
  'open-changes': [{ ...SOUND, openScopes: ['notes:write'] }, SOUND],
  'cap-missing': [{ ...SOUND, uncapped: 1 }, SOUND],
  'write-without-read': [scopes(scope('notes:write')), scopes(scope('notes:delete', { kind: 'write' }))],
  'admin-basic': [scopes(scope('notes:admin')), scopes(scope('notes:admin', { sensitivity: 'restricted' }))],
  'details-missing': [scopes(scope('notes:read', { details: '' })), SOUND],
  'successor-missing': [scopes(scope('notes:read', { deprecatedAt: ago(1) })), scopes(old)],
  'deprecated-in-use': [scopes(old), { ...scopes(old), accessedScopes: [] }],
  'introspection-unused': [
    { ...SOUND, secrets: [{ ...secret, lastUsedAt: null }] },
    { ...SOUND, createdAt: ago(6), secrets: [{ ...secret, lastUsedAt: null }] },
  ],
  'api-secret-old': [{ ...SOUND, secrets: [{ ...secret, createdAt: ago(366) }] }, SOUND],
  'api-description-missing': [{ ...SOUND, description: '' }, SOUND],
  'api-terms-missing': [{ ...SOUND, termsVersion: 0 }, SOUND],
  'reference-missing': [{ ...SOUND, hasReference: false }, SOUND],
  'reference-faults': [{ ...SOUND, referenceFaults: 3 }, SOUND],
  'api-owner-single': [{ ...SOUND, owners: 1 }, SOUND],
};

describe('the checks of an API', () => {
  it('find nothing in a sound one', () => {
    expect(judgeAll(API_CHECKS, SOUND, places)).toEqual([]);
  });

  it('are all in this table', () => {
    expect(API_CHECKS.map(({ id }) => id as string).sort()).toEqual(Object.keys(CASES).sort());
  });

  it.each(Object.entries(CASES))('%s', (id, [breaks, holds]) => {
    const found = (facts: ApiFacts) => judgeAll(API_CHECKS, facts, places).find(({ check }) => check === id);
    expect(found(holds)).toBeUndefined();
    const finding = found(breaks);
    const page = finding?.href.replace('/o/apis/a', '/o/apis/:api').replace('/o/', '/:organization/');
    expect(ROUTE_LINES).toContainEqual(expect.objectContaining({ method: 'get', path: page }));
    for (const words of finding ? [finding.title, finding.why, finding.fix] : []) {
      expect(inEnglish(words)).toMatch(/\w{3}/);
      expect(inEnglish(words)).not.toMatch(/checks\.|undefined|\{\{|Invalid/);
    }
  });
});
