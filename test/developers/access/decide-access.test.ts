import { describe, expect, it } from 'vitest';
import { pause } from '../../../src/defense/suspensions/ladder.ts';
import type {
  AccessGiven,
  AccessInputs,
  SuspensionInTheWay,
} from '../../../src/developers/access/access-inputs.ts';
import { type AccessRefusal, decideAccess } from '../../../src/developers/access/decide-access.ts';
import { secondsAfter } from '../../../src/platform/clock.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const LATER = new Date('2026-11-20T12:00:00.001Z');
const EARLIER = new Date('2026-11-20T11:59:59.999Z');
const LONG_AGO = new Date('2025-01-01T00:00:00Z');
/** 90 days before now. */
const NINETY_AGO = new Date('2026-08-22T12:00:00Z');
const NEARLY_NINETY_AGO = new Date('2026-08-22T12:00:00.001Z');

const OWN = 'organization-of-the-api';
const OTHER = 'organization-of-the-app';
const R = 'notes:read';
const W = 'notes:write';
const A = 'notes:admin';
/** Sensitive, and restricted. */
const S = 'notes:secret';
const X = 'notes:vault';

type Given = Pick<AccessGiven, 'scopes' | 'until'> & Partial<AccessGiven>;

interface Case {
  owner?: string;
  registered?: string[];
  suspended?: boolean;
  scopes?: string[];
  accesses?: Given[];
  suspensions?: AccessInputs['suspensions'];
  client?: Partial<AccessInputs['client']>;
  api?: Partial<AccessInputs['api']>;
}

function inputs({
  owner = OTHER,
  registered = [],
  suspended = false,
  scopes = [A, R, W],
  accesses = [],
  suspensions = [],
  client,
  api,
}: Case): AccessInputs {
  return {
    client: {
      ...{ id: 'app_1', organizationId: owner, trustDomainId: 'main', registeredScopes: registered },
      ...{ suspended, stage: 'live', sponsored: false, verified: false, ...client },
    },
    api: {
      id: '1',
      clientId: 'api_1',
      identifier: 'https://notes.example',
      name: 'Notes',
      organizationId: OWN,
      organizationName: 'Acme',
      trustDomainId: 'main',
      tokenFormat: 'opaque',
      ...{ tokenSeconds: null, minimumAcr: null, termsVersion: 0, termsDueAt: null },
      scopes: scopes.map((name) => ({
        name,
        description: name,
        kind: name === W ? 'write' : name === A ? 'admin' : 'read',
        sensitivity: name === S ? 'sensitive' : name === X ? 'restricted' : 'basic',
        optional: false,
        deprecated: false,
      })),
      ...api,
    },
    accesses: accesses.map((access, index) => ({
      ...{ id: String(index), createdAt: LONG_AGO, origin: 'open', termsVersion: 0 },
      ...{ peoplePerDay: null, requestsPerMinute: null, ...access },
    })),
    suspensions,
  };
}

/** For ten minutes more; then it is on probation for a quarter of an hour. */
const paused = (kind: SuspensionInTheWay['kind'], since = -5): SuspensionInTheWay => ({
  kind,
  ...pause(1, secondsAfter(NOW, since * 60)),
});

const always = (...scopes: string[]) => ({ scopes, until: null });
const until = (end: Date, ...scopes: string[]) => ({ scopes, until: end });

const ALL = [A, R, S, X, W];
const VERIFIED = { verified: true };
const due = (termsDueAt: Date | null) => ({ termsVersion: 2, termsDueAt });

const ALLOWED: [string, Case, string[] | undefined, string[]][] = [
  ['its own organization asks for everything', { owner: OWN }, undefined, [A, R, W]],
  ['its own organization asks for one', { owner: OWN }, [W], [W]],
  ['its own organization asks for two, once twice', { owner: OWN }, [W, R, W], [W, R]],
  ['its own organization asks for nothing', { owner: OWN }, [], []],
  ['its own organization registered one and asks for all', { owner: OWN, registered: [R] }, undefined, [R]],
  ['its own organization registered one and asks for it', { owner: OWN, registered: [R] }, [R], [R]],
  [
    'it registered scopes of another API only',
    { owner: OWN, registered: ['other:read'] },
    undefined,
    [A, R, W],
  ],
  ['it registered identity scopes only', { owner: OWN, registered: ['openid', 'email'] }, [W], [W]],
  ['the API has no scopes', { owner: OWN, scopes: [] }, undefined, []],
  [
    'the own organization needs no access, ended or not',
    { owner: OWN, accesses: [until(LONG_AGO, R)] },
    [W],
    [W],
  ],
  ['an access without end', { accesses: [always(R)] }, undefined, [R]],
  ['an access asked by name', { accesses: [always(R, W)] }, [W], [W]],
  ['an access that ends in a millisecond', { accesses: [until(LATER, R)] }, [R], [R]],
  ['two accesses add up', { accesses: [always(R), until(LATER, W)] }, undefined, [R, W]],
  ['two accesses overlap', { accesses: [always(R), until(LATER, R, W)] }, [R, W], [R, W]],
  ['of two accesses one has ended', { accesses: [always(R), until(EARLIER, W)] }, undefined, [R]],
  ['the access holds a scope that the API dropped', { accesses: [always(R, 'notes:old')] }, undefined, [R]],
  ['registered narrows the access', { registered: [R], accesses: [always(R, W)] }, undefined, [R]],
  ['the access narrows what is registered', { registered: [R, W], accesses: [always(R)] }, undefined, [R]],
  ['nothing remains of both', { registered: [W], accesses: [always(R)] }, undefined, []],
  [
    'registered elsewhere leaves it to the access',
    { registered: ['openid', 'x'], accesses: [always(W)] },
    undefined,
    [W],
  ],
  ['its own organization needs no approval for anything', { owner: OWN, scopes: ALL }, [S, X], [S, X]],
  ['its own organization needs no terms', { owner: OWN, api: due(LONG_AGO) }, [R], [R]],
  [
    'a sponsored app that its organization let in',
    { owner: OWN, client: { sponsored: true }, accesses: [always(R)] },
    undefined,
    [R],
  ],
  [
    'a verified publisher, less than 90 days ago',
    {
      scopes: ALL,
      client: VERIFIED,
      accesses: [{ ...always(R, S, X), createdAt: NEARLY_NINETY_AGO, origin: 'request' }],
    },
    [S, X],
    [S, X],
  ],
  [
    'an operator let it in, more than 90 days ago',
    { scopes: ALL, client: VERIFIED, accesses: [{ ...always(S, X), origin: 'operator' }] },
    [S, X],
    [S, X],
  ],
  [
    'by a code to what is restricted',
    { scopes: ALL, client: VERIFIED, accesses: [{ ...always(X), createdAt: EARLIER, origin: 'code' }] },
    [X],
    [X],
  ],
  [
    'of what is open, what needs nobody to look',
    { scopes: ALL, client: VERIFIED, accesses: [{ ...always(R, S, X), createdAt: EARLIER }] },
    undefined,
    [R, S],
  ],
  [
    'after 90 days what is not sensitive',
    { scopes: ALL, client: VERIFIED, accesses: [{ ...always(R, S, X), createdAt: NINETY_AGO }] },
    undefined,
    [R],
  ],
  ['one of an unverified publisher', { scopes: ALL, accesses: [always(R, S, X)] }, undefined, [R]],
  ['new terms are not due yet', { api: due(LATER), accesses: [always(R)] }, [R], [R]],
  ['new terms are never due', { api: due(null), accesses: [always(R)] }, [R], [R]],
  ['new terms are accepted', { api: due(LONG_AGO), accesses: [{ ...always(R), termsVersion: 2 }] }, [R], [R]],
  [
    'an operator let it in without terms',
    { api: due(LONG_AGO), accesses: [{ ...always(R), origin: 'operator' }] },
    [R],
    [R],
  ],
  [
    'of two accesses one is under old terms',
    { api: due(LONG_AGO), accesses: [always(R, W), { ...always(R), termsVersion: 2 }] },
    undefined,
    [R],
  ],
];

const REFUSED: [string, AccessInputs | undefined, string[] | undefined, AccessRefusal, string?][] = [
  ['the API or client does not exist', undefined, undefined, 'unknown-api'],
  ['the API or client does not exist, whatever is asked', undefined, [R], 'unknown-api'],
  ['the client is suspended', inputs({ owner: OWN, suspended: true }), undefined, 'client-suspended'],
  [
    'a suspended client with an access',
    inputs({ suspended: true, accesses: [always(R)] }),
    [R],
    'client-suspended',
  ],
  ['a suspended client without access', inputs({ suspended: true }), ['nonsense'], 'client-suspended'],
  [
    'a rule paused the app',
    inputs({ owner: OWN, suspensions: [paused('client')] }),
    undefined,
    'client-suspended',
  ],
  [
    'a rule paused the access',
    inputs({ accesses: [always(R)], suspensions: [paused('access')] }),
    [R],
    'access-suspended',
  ],
  ['the API is paused', inputs({ owner: OWN, suspensions: [paused('api')] }), [R], 'access-suspended'],
  [
    'an organization is paused',
    inputs({ owner: OWN, suspensions: [paused('organization')] }),
    [R],
    'access-suspended',
  ],
  [
    'writes are paused, and one is asked for',
    inputs({ owner: OWN, suspensions: [paused('access-writes')] }),
    [R, W],
    'writes-suspended',
    W,
  ],
  [
    'writes are paused, and so is what only administrators do',
    inputs({ owner: OWN, suspensions: [paused('access-writes')] }),
    [A],
    'writes-suspended',
    A,
  ],
  ['another organization without access', inputs({}), undefined, 'no-access'],
  ['another organization without access asks by name', inputs({}), [R], 'no-access'],
  ['no access, and the scope does not exist', inputs({}), ['nonsense'], 'no-access'],
  ['registering a scope is no access', inputs({ registered: [R] }), [R], 'no-access'],
  ['nobody asks for nothing without access', inputs({}), [], 'no-access'],
  [
    'the access ended a millisecond ago',
    inputs({ accesses: [until(EARLIER, R)] }),
    undefined,
    'access-ended',
  ],
  ['the access ends now', inputs({ accesses: [until(NOW, R)] }), [R], 'access-ended'],
  [
    'all accesses ended',
    inputs({ accesses: [until(LONG_AGO, R), until(EARLIER, W)] }),
    undefined,
    'access-ended',
  ],
  [
    'the access to this one scope ended',
    inputs({ accesses: [always(R), until(EARLIER, W)] }),
    [W],
    'access-ended',
    W,
  ],
  ['an unknown scope at the own API', inputs({ owner: OWN }), ['notes:burn'], 'scope-unknown', 'notes:burn'],
  [
    'an unknown scope elsewhere',
    inputs({ accesses: [always(R)] }),
    [R, 'notes:burn'],
    'scope-unknown',
    'notes:burn',
  ],
  ['an empty scope name', inputs({ owner: OWN }), [''], 'scope-unknown', ''],
  ['a name from the prototype', inputs({ owner: OWN }), ['__proto__'], 'scope-unknown', '__proto__'],
  ['another case', inputs({ owner: OWN }), ['Notes:read'], 'scope-unknown', 'Notes:read'],
  ['an identity scope is no scope of an API', inputs({ owner: OWN }), ['openid'], 'scope-unknown', 'openid'],
  [
    'a granted scope that the API dropped',
    inputs({ accesses: [always('old')] }),
    ['old'],
    'scope-unknown',
    'old',
  ],
  [
    'not among the registered, own API',
    inputs({ owner: OWN, registered: [R] }),
    [W],
    'scope-not-registered',
    W,
  ],
  [
    'not among the registered, granted',
    inputs({ registered: [R], accesses: [always(R, W)] }),
    [W],
    'scope-not-registered',
    W,
  ],
  [
    'neither registered nor granted',
    inputs({ registered: [R], accesses: [always(R)] }),
    [R, A],
    'scope-not-registered',
    A,
  ],
  ['not in the access', inputs({ accesses: [always(R)] }), [W], 'scope-not-granted', W],
  [
    'registered, but not in the access',
    inputs({ registered: [R, W], accesses: [always(R)] }),
    [R, W],
    'scope-not-granted',
    W,
  ],
  ['the first reason counts', inputs({ accesses: [always(R)] }), [W, 'notes:burn'], 'scope-not-granted', W],
  [
    'another trust domain',
    inputs({ client: { trustDomainId: 'staff' }, accesses: [always(R)] }),
    [R],
    'other-trust-domain',
  ],
  [
    'another trust domain of the own organization',
    inputs({ owner: OWN, client: { trustDomainId: 'staff' } }),
    undefined,
    'other-trust-domain',
  ],
  [
    'a sponsored app of the organization, not let in',
    inputs({ owner: OWN, client: { sponsored: true } }),
    [R],
    'no-access',
  ],
  [
    'the terms are due now',
    inputs({ api: due(NOW), accesses: [always(R)] }),
    undefined,
    'terms-not-accepted',
  ],
  [
    'of two accesses one has ended, the other is under old terms',
    inputs({ api: due(EARLIER), accesses: [always(R), until(EARLIER, R)] }),
    [R],
    'terms-not-accepted',
  ],
  [
    'the scope is under old terms',
    inputs({ api: due(EARLIER), accesses: [{ ...always(R), termsVersion: 2 }, always(W)] }),
    [W],
    'terms-not-accepted',
    W,
  ],
  [
    'a sensitive scope without a verified publisher',
    inputs({ scopes: ALL, accesses: [{ ...always(S), origin: 'operator' }] }),
    [S],
    'publisher-not-verified',
    S,
  ],
  [
    'a sponsored app asks for a sensitive scope',
    inputs({ owner: OWN, scopes: ALL, client: { sponsored: true }, accesses: [always(S)] }),
    [S],
    'publisher-not-verified',
    S,
  ],
  [
    'a sensitive scope after 90 days',
    inputs({ scopes: ALL, client: VERIFIED, accesses: [{ ...always(S), createdAt: NINETY_AGO }] }),
    [S],
    'access-ended',
    S,
  ],
  [
    'a restricted scope open to all',
    inputs({ scopes: ALL, client: VERIFIED, accesses: [{ ...always(X), createdAt: EARLIER }] }),
    [X],
    'approval-missing',
    X,
  ],
  [
    'a restricted scope by list',
    inputs({
      scopes: ALL,
      client: VERIFIED,
      accesses: [{ ...always(X), createdAt: EARLIER, origin: 'list' }],
    }),
    [X],
    'approval-missing',
    X,
  ],
  ['an access without scopes', inputs({ accesses: [always()] }), [R], 'scope-not-granted', R],
];

describe('access is allowed', () => {
  it.each(ALLOWED)('%s', (_, given, requested, scopes) => {
    const { api } = inputs(given);
    expect(decideAccess(inputs(given), requested, NOW)).toMatchObject({ allowed: true, scopes, api });
  });
});

describe('how many people a day it may reach', () => {
  const capped = (...caps: (number | null)[]) => caps.map((peoplePerDay) => ({ ...always(R), peoplePerDay }));
  it.each<[string, Case, number | null]>([
    ['is what the access says', { accesses: capped(5) }, 5],
    ['is the most that any says', { accesses: capped(5, 7, 1) }, 7],
    ['is none with one that sets none', { accesses: capped(5, null) }, null],
    ['is nobody where it says so', { accesses: capped(0) }, 0],
    ['does not count ended ones', { accesses: [...capped(5), until(EARLIER, R)] }, 5],
    ['is without limit at the own API', { owner: OWN, accesses: capped(5) }, null],
    ['is limited for a sponsored app', { owner: OWN, client: { sponsored: true }, accesses: capped(5) }, 5],
  ])('%s', (_, given, peoplePerDay) => {
    expect(decideAccess(inputs(given), undefined, NOW)).toMatchObject({ allowed: true, peoplePerDay });
  });
});

describe('access is refused', () => {
  it.each(REFUSED)('%s', (_, given, requested, reason, scope) => {
    const decision = decideAccess(given, requested, NOW);
    expect(decision).toMatchObject({ allowed: false, reason });
    expect(decision).toHaveProperty('sentence', expect.stringMatching(/^[A-Zh][\x20-\x7e]+\. .+\.$/));
    if (scope === undefined) expect(decision).not.toHaveProperty('scope');
    else expect(decision).toHaveProperty('scope', scope);
  });

  it('with the end of the latest access', () => {
    const given = inputs({ accesses: [until(LONG_AGO, R), until(EARLIER, W)] });
    expect(decideAccess(given, undefined, NOW)).toHaveProperty(
      'sentence',
      expect.stringContaining(EARLIER.toISOString()),
    );
  });

  it.each(['a"b', 'a\\b', 'é', '\u202e', 'x'.repeat(101)])(
    'without repeating a scope that an error_description cannot hold: %j',
    (name) => {
      const decision = decideAccess(inputs({ owner: OWN }), [name], NOW);
      expect(decision).toHaveProperty('sentence', expect.not.stringContaining(name));
      expect(decision).toHaveProperty('sentence', expect.stringMatching(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/));
    },
  );
});

describe('a suspension in the way of an app', () => {
  const allowed = (suspensions: SuspensionInTheWay[], asked?: string[]) =>
    decideAccess(inputs({ owner: OWN, suspensions }), asked, NOW);

  it('of writes leaves what it may read', () => {
    expect(allowed([paused('access-writes')])).toMatchObject({ scopes: [R], share: 1, writeShare: 0 });
    expect(allowed([paused('access-writes')], [R])).toMatchObject({ allowed: true, scopes: [R] });
  });

  it('that is on probation leaves a tenth, of writes alone or of all', () => {
    const share = { scopes: [A, R, W], writeShare: 0.1 };
    expect(allowed([paused('access-writes', -20)])).toMatchObject({ ...share, share: 1 });
    expect(allowed([paused('access', -20)])).toMatchObject({ ...share, share: 0.1 });
    expect(allowed([paused('client', -20), paused('access-writes', -20)])).toMatchObject({
      ...share,
      share: 0.1,
    });
  });

  it('that is over leaves everything, although nobody wrote that down', () => {
    expect(allowed([paused('client', -31)])).toMatchObject({ scopes: [A, R, W], share: 1, writeShare: 1 });
  });

  it('says until when and where to look, in the characters of an error_description', () => {
    const sentences = (['client', 'access', 'api', 'organization'] as const).map((kind) => {
      const decision = allowed([paused(kind)]);
      return decision.allowed ? '' : decision.sentence;
    });
    for (const sentence of sentences) {
      expect(sentence).toContain('2026-11-20T12:10:00.000Z');
      expect(sentence).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
    }
  });

  it('names the longest of several', () => {
    const human = { ...paused('client'), state: 'human', pausedUntil: null, until: null };
    const decision = allowed([paused('access'), human]);
    expect(decision).toMatchObject({
      reason: 'client-suspended',
      sentence: expect.stringContaining('operator'),
    });
  });
});
