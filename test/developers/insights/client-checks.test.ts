import { describe, expect, it } from 'vitest';
import type { CheckedScope, LiveCredential } from '../../../src/developers/insights/checks/check.ts';
import { CLIENT_CHECKS, type ClientFacts } from '../../../src/developers/insights/checks/client-checks.ts';
import { judgeAll } from '../../../src/developers/insights/checks/findings.ts';
import { inEnglish } from '../../../src/platform/words/english.ts';
import { ROUTE_LINES } from '../../support/route-lines.ts';

const NOW = new Date('2026-11-28T12:00:00Z');
const ago = (days: number) => new Date(NOW.getTime() - days * 86_400_000);
const places = { home: '/developers/organizations/o', own: '/developers/organizations/o/apps/app' };

const key: LiveCredential = {
  ...{ label: 'laptop', createdAt: ago(10), expiresAt: null, lastUsedAt: ago(1), replacedAt: null },
};
const secret = (over: Partial<LiveCredential>): ClientFacts => ({
  ...SOUND,
  authMethod: 'private_key_jwt',
  secrets: [{ ...key, ...over }],
});
const scope = (over: Partial<CheckedScope> = {}): CheckedScope => ({
  ...{ name: 'notes:read', kind: 'read', sensitivity: 'basic', details: 'Reads.', deprecatedAt: null },
  successor: null,
  ...over,
});

/** An app about which nothing is to be said. */
const SOUND: ClientFacts = {
  now: NOW,
  type: 'web',
  authMethod: 'private_key_jwt',
  stage: 'live',
  redirectUris: ['https://app.notes.example/callback'],
  resources: ['https://api.notes.example'],
  homepageUri: 'https://www.notes.example/',
  privacyUri: 'https://notes.example/privacy',
  termsUri: 'https://notes.example/terms',
  hasLogo: true,
  verified: true,
  createdAt: ago(200),
  secrets: [],
  keys: [key],
  owners: 2,
  scopes: [scope()],
  allowedScopes: new Set(['openid', 'notes:read']),
  lastCall: ago(1),
  requests: 100,
  failures: 2,
};

const native = (uri: string): ClientFacts => ({ ...SOUND, type: 'native', redirectUris: [uri] });
const web = (...redirectUris: string[]): ClientFacts => ({ ...SOUND, redirectUris });

const CASES: Record<string, [breaks: ClientFacts, holds: ClientFacts]> = {
  'redirect-not-https': [web('http://localhost:3000/cb'), native('http://127.0.0.1/cb')],
  'redirect-localhost': [native('http://localhost/cb'), native('http://[::1]/cb')],
  'redirect-private-scheme': [native('com.example.app:/cb'), native('https://app.notes.example/cb')],
  'redirect-other-host': [web('https://notes.example.evil.example/cb'), web('https://notes.example/cb')],
  'redirect-many': [
    web(...Array.from({ length: 11 }, (_, at) => `https://app.notes.example/${at}`)),
    web(...Array.from({ length: 10 }, (_, at) => `https://app.notes.example/${at}`)),
  ],
  'secret-old': [secret({ createdAt: ago(366) }), secret({ createdAt: ago(364) })],
  'secret-expires': [
    secret({ expiresAt: ago(-13) }),
    {
      ...SOUND,
      secrets: [
        { ...key, expiresAt: ago(-13) },
        { ...key, expiresAt: ago(-90) },
      ],
    },
  ],
  'secret-unused': [
    secret({ createdAt: ago(31), lastUsedAt: null }),
    secret({ createdAt: ago(29), lastUsedAt: null }),
  ],
  'secret-many': [
    { ...SOUND, secrets: [key, key, key] },
    { ...SOUND, secrets: [key, key] },
  ],
  'secret-replaced-in-use': [
    secret({ replacedAt: ago(3), lastUsedAt: ago(1) }),
    secret({ replacedAt: ago(1), lastUsedAt: ago(3) }),
  ],
  'key-recommended': [
    { ...SOUND, authMethod: 'client_secret_basic' },
    { ...SOUND, authMethod: 'none' },
  ],
  'key-old': [{ ...SOUND, keys: [{ ...key, createdAt: ago(800) }] }, SOUND],
  'scope-unused': [
    { ...SOUND, scopes: [scope(), scope({ name: 'notes:write' })] },
    { ...SOUND, scopes: [scope({ name: 'notes:write' })], allowedScopes: undefined },
  ],
  'scope-deprecated': [{ ...SOUND, scopes: [scope({ deprecatedAt: ago(1) })] }, SOUND],
  'sensitive-unverified': [
    { ...SOUND, verified: false, scopes: [scope({ sensitivity: 'restricted' })] },
    { ...SOUND, verified: false },
  ],
  'api-missing': [
    { ...SOUND, type: 'machine', resources: [] },
    { ...SOUND, resources: [] },
  ],
  'homepage-missing': [
    { ...SOUND, homepageUri: null },
    { ...SOUND, type: 'machine', homepageUri: null },
  ],
  'privacy-missing': [
    { ...SOUND, privacyUri: null },
    { ...SOUND, type: 'machine', privacyUri: null },
  ],
  'terms-missing': [
    { ...SOUND, termsUri: null },
    { ...SOUND, type: 'machine', termsUri: null },
  ],
  'logo-missing': [
    { ...SOUND, hasLogo: false },
    { ...SOUND, type: 'machine', hasLogo: false },
  ],
  'owner-single': [{ ...SOUND, owners: 1 }, SOUND],
  'client-silent': [
    { ...SOUND, lastCall: ago(91) },
    { ...SOUND, lastCall: null, createdAt: ago(89) },
  ],
  'failures-many': [
    { ...SOUND, requests: 20, failures: 10 },
    { ...SOUND, requests: 19, failures: 19 },
  ],
};

describe('the checks of an app', () => {
  it('find nothing in a sound one', () => {
    expect(judgeAll(CLIENT_CHECKS, SOUND, places)).toEqual([]);
  });

  it('are all in this table', () => {
    expect(CLIENT_CHECKS.map(({ id }) => id as string).sort()).toEqual(Object.keys(CASES).sort());
  });

  it.each(Object.entries(CASES))('%s', (id, [breaks, holds]) => {
    const found = (facts: ClientFacts) =>
      judgeAll(CLIENT_CHECKS, facts, places).find(({ check }) => check === id);
    expect(found(holds)).toBeUndefined();
    const finding = found(breaks);
    const page = finding?.href.replace('/o/apps/app', '/o/apps/:client').replace('/o/', '/:organization/');
    expect(ROUTE_LINES).toContainEqual(expect.objectContaining({ method: 'get', path: page }));
    for (const words of finding ? [finding.title, finding.why, finding.fix] : []) {
      expect(inEnglish(words)).toMatch(/\w{3}/);
      expect(inEnglish(words)).not.toMatch(/checks\.|undefined|\{\{|Invalid/);
    }
  });
});
