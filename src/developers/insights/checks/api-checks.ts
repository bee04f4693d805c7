import {
  bestPractice,
  type Check,
  type CheckedScope,
  type LiveCredential,
  olderThan,
  OURS,
  whereAny,
} from './check.ts';

/** Everything the checks of an API look at, as of `now`. */
export interface ApiFacts {
  readonly now: Date;
  readonly approved: boolean;
  readonly description: string;
  readonly tokenFormat: string;
  /** Null where it follows the house. */
  readonly tokenSeconds: number | null;
  readonly minimumAcr: string | null;
  readonly termsVersion: number;
  readonly createdAt: Date;
  readonly hasReference: boolean;
  /** What the lint of its reference found. */
  readonly referenceFaults: number;
  readonly scopes: readonly CheckedScope[];
  readonly secrets: readonly LiveCredential[];
  readonly owners: number;
  /** Scopes that every app may have without asking. */
  readonly openScopes: readonly string[];
  /** Live accesses of apps of other organizations without a cap of people per day. */
  readonly uncapped: number;
  /** Scopes of live accesses of other organizations. */
  readonly accessedScopes: readonly string[];
}

const changes = ({ kind }: CheckedScope) => kind !== 'read';
const namesOf = (scopes: readonly CheckedScope[]) => scopes.map(({ name }) => name);
const LONGEST_TOKEN_SECONDS = 3600;

export const API_CHECKS = [
  {
    id: 'identifier-unproven',
    kind: 'problem',
    source: { name: 'RFC 8707 §2', href: 'https://www.rfc-editor.org/rfc/rfc8707.html#section-2' },
    judge: ({ approved }) => (approved ? undefined : { page: '/hosts' }),
  },
  {
    id: 'acr-missing',
    kind: 'problem',
    source: { name: 'RFC 9470 §1', href: 'https://www.rfc-editor.org/rfc/rfc9470.html#section-1' },
    judge: ({ scopes, minimumAcr }) =>
      whereAny(
        minimumAcr ? [] : namesOf(scopes.filter(({ sensitivity }) => sensitivity !== 'basic')),
        'settings',
      ),
  },
  {
    id: 'jwt-changes',
    kind: 'problem',
    source: { name: 'RFC 7009 §3', href: 'https://www.rfc-editor.org/rfc/rfc7009.html#section-3' },
    judge: ({ tokenFormat, scopes }) =>
      whereAny(tokenFormat === 'jwt' ? namesOf(scopes.filter(changes)) : [], 'settings'),
  },
  {
    id: 'token-long',
    kind: 'problem',
    source: { name: 'RFC 6750 §5.3', href: 'https://www.rfc-editor.org/rfc/rfc6750.html#section-5.3' },
    judge: ({ tokenSeconds }) =>
      tokenSeconds !== null && tokenSeconds > LONGEST_TOKEN_SECONDS
        ? { page: 'settings', values: { minutes: Math.round(tokenSeconds / 60) } }
        : undefined,
  },
  {
    id: 'open-changes',
    kind: 'problem',
    source: bestPractice('2.3'),
    judge: ({ openScopes, scopes }) =>
      whereAny(
        namesOf(scopes.filter((scope) => changes(scope) && openScopes.includes(scope.name))),
        'openings',
      ),
  },
  {
    id: 'cap-missing',
    kind: 'advice',
    source: OURS,
    judge: ({ uncapped: count }) => (count > 0 ? { page: 'accesses', values: { count } } : undefined),
  },
  {
    id: 'write-without-read',
    kind: 'advice',
    source: bestPractice('2.3'),
    judge: ({ scopes }) => {
      const names = new Set(namesOf(scopes));
      const lonely = (name: string) =>
        name.endsWith(':write') && !names.has(name.replace(/:write$/, ':read'));
      return whereAny([...names].filter(lonely), 'scopes');
    },
  },
  {
    id: 'admin-basic',
    kind: 'problem',
    source: OURS,
    judge: ({ scopes }) =>
      whereAny(
        namesOf(scopes.filter(({ kind, sensitivity }) => kind === 'admin' && sensitivity === 'basic')),
        'scopes',
      ),
  },
  {
    id: 'details-missing',
    kind: 'advice',
    source: OURS,
    judge: ({ scopes }) => whereAny(namesOf(scopes.filter(({ details }) => details === '')), 'scopes'),
  },
  {
    id: 'successor-missing',
    kind: 'problem',
    source: OURS,
    judge: ({ scopes }) =>
      whereAny(namesOf(scopes.filter(({ deprecatedAt, successor }) => deprecatedAt && !successor)), 'scopes'),
  },
  {
    id: 'deprecated-in-use',
    kind: 'advice',
    source: OURS,
    judge: ({ scopes, accessedScopes }) =>
      whereAny(
        namesOf(scopes.filter(({ name, deprecatedAt }) => deprecatedAt && accessedScopes.includes(name))),
        'accesses',
      ),
  },
  {
    id: 'introspection-unused',
    kind: 'problem',
    source: { name: 'RFC 7662 §2', href: 'https://www.rfc-editor.org/rfc/rfc7662.html#section-2' },
    judge: ({ tokenFormat, secrets, createdAt, now }) =>
      tokenFormat === 'opaque' &&
      olderThan(7, now, createdAt) &&
      secrets.every(({ lastUsedAt }) => lastUsedAt === null)
        ? { page: 'credentials' }
        : undefined,
  },
  {
    id: 'api-secret-old',
    kind: 'problem',
    source: OURS,
    judge: ({ secrets, now }) => {
      const { length: count } = secrets.filter(({ createdAt }) => olderThan(365, now, createdAt));
      return count > 0 ? { page: 'credentials', values: { count } } : undefined;
    },
  },
  {
    id: 'api-description-missing',
    kind: 'advice',
    source: OURS,
    judge: ({ description }) => (description === '' ? { page: 'settings' } : undefined),
  },
  {
    id: 'api-terms-missing',
    kind: 'advice',
    source: OURS,
    judge: ({ termsVersion }) => (termsVersion === 0 ? { page: 'terms' } : undefined),
  },
  {
    id: 'reference-missing',
    kind: 'advice',
    source: OURS,
    judge: ({ hasReference }) => (hasReference ? undefined : { page: 'reference' }),
  },
  {
    id: 'reference-faults',
    kind: 'advice',
    source: OURS,
    judge: ({ referenceFaults: count }) => (count > 0 ? { page: 'reference', values: { count } } : undefined),
  },
  {
    id: 'api-owner-single',
    kind: 'advice',
    source: OURS,
    judge: ({ owners }) => (owners < 2 ? { page: '/members' } : undefined),
  },
] as const satisfies readonly Check<string, ApiFacts>[];

export type ApiCheckId = (typeof API_CHECKS)[number]['id'];
