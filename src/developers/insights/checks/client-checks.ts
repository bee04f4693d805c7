import {
  bestPractice,
  type Check,
  type CheckedScope,
  DAY,
  type LiveCredential,
  olderThan,
  OURS,
  whereAny,
} from './check.ts';
import { REDIRECT_CHECKS, type RedirectFacts } from './redirect-checks.ts';

/** Everything the checks of an app look at, as of `now`. */
export interface ClientFacts extends RedirectFacts {
  readonly now: Date;
  readonly authMethod: string;
  readonly stage: string;
  readonly resources: readonly string[];
  readonly privacyUri: string | null;
  readonly termsUri: string | null;
  readonly hasLogo: boolean;
  readonly verified: boolean;
  readonly createdAt: Date;
  readonly secrets: readonly LiveCredential[];
  readonly keys: readonly LiveCredential[];
  readonly owners: number;
  /** The registered scopes that are of an API. */
  readonly scopes: readonly CheckedScope[];
  /** Of these, names that people have allowed; undefined where nobody has allowed the app anything yet. */
  readonly allowedScopes: ReadonlySet<string> | undefined;
  /** The hour of its last call; null where there was none in thirteen months. */
  readonly lastCall: Date | null;
  /** Of the last 24 hours. */
  readonly requests: number;
  readonly failures: number;
}

const signsPeopleIn = ({ type }: ClientFacts) => type !== 'machine';
const proven = ({ authMethod }: ClientFacts) => authMethod.startsWith('client_secret');
const isSensitive = ({ sensitivity }: CheckedScope) => sensitivity !== 'basic';
const nameOf = ({ label }: LiveCredential, at: number) => label || `#${at + 1}`;
const namesOf = (scopes: readonly CheckedScope[]) => scopes.map(({ name }) => name);

/** Every check of an app, in the order in which they are shown. */
export const CLIENT_CHECKS = [
  ...REDIRECT_CHECKS,
  {
    id: 'secret-old',
    kind: 'problem',
    source: OURS,
    judge: ({ secrets, now }) =>
      whereAny(secrets.filter(({ createdAt }) => olderThan(365, now, createdAt)).map(nameOf), 'credentials'),
  },
  {
    id: 'secret-expires',
    kind: 'problem',
    source: OURS,
    judge: ({ secrets, now }) => {
      const soon = new Date(now.getTime() + 14 * DAY);
      const last = secrets.map(({ expiresAt }) => expiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
      const end = Math.max(...last);
      return secrets.length > 0 && end < soon.getTime()
        ? { page: 'credentials', values: { end: new Date(end) } }
        : undefined;
    },
  },
  {
    id: 'secret-unused',
    kind: 'advice',
    source: OURS,
    judge: ({ secrets, now }) =>
      whereAny(
        secrets
          .filter(({ createdAt, lastUsedAt }) => lastUsedAt === null && olderThan(30, now, createdAt))
          .map(nameOf),
        'credentials',
      ),
  },
  {
    id: 'secret-many',
    kind: 'advice',
    source: OURS,
    judge: ({ secrets: { length: count } }) =>
      count > 2 ? { page: 'credentials', values: { count } } : undefined,
  },
  {
    id: 'secret-replaced-in-use',
    kind: 'problem',
    source: OURS,
    judge: ({ secrets }) =>
      whereAny(
        secrets
          .filter(({ replacedAt, lastUsedAt }) => replacedAt && lastUsedAt && lastUsedAt > replacedAt)
          .map(nameOf),
        'credentials',
      ),
  },
  {
    id: 'key-recommended',
    kind: 'advice',
    source: bestPractice('2.5'),
    judge: (facts) => (proven(facts) ? { page: 'credentials' } : undefined),
  },
  {
    id: 'key-old',
    kind: 'advice',
    source: OURS,
    judge: ({ keys, now }) =>
      whereAny(keys.filter(({ createdAt }) => olderThan(2 * 365, now, createdAt)).map(nameOf), 'credentials'),
  },
  {
    id: 'scope-unused',
    kind: 'advice',
    source: bestPractice('2.3'),
    judge: ({ scopes, allowedScopes, createdAt, now }) =>
      whereAny(
        allowedScopes && olderThan(30, now, createdAt)
          ? namesOf(scopes).filter((name) => !allowedScopes.has(name))
          : [],
        'access',
      ),
  },
  {
    id: 'scope-deprecated',
    kind: 'problem',
    source: OURS,
    judge: ({ scopes }) => whereAny(namesOf(scopes.filter(({ deprecatedAt }) => deprecatedAt)), 'access'),
  },
  {
    id: 'sensitive-unverified',
    kind: 'problem',
    source: OURS,
    judge: ({ scopes, verified }) =>
      whereAny(verified ? [] : namesOf(scopes.filter(isSensitive)), 'verification'),
  },
  {
    id: 'api-missing',
    kind: 'problem',
    source: { name: 'RFC 8707 §2', href: 'https://www.rfc-editor.org/rfc/rfc8707.html#section-2' },
    judge: ({ type, resources }) =>
      type === 'machine' && resources.length === 0 ? { page: 'access' } : undefined,
  },
  {
    id: 'homepage-missing',
    kind: 'advice',
    source: OURS,
    judge: (facts) => (signsPeopleIn(facts) && !facts.homepageUri ? { page: 'settings' } : undefined),
  },
  {
    id: 'privacy-missing',
    kind: 'problem',
    source: OURS,
    judge: (facts) => (signsPeopleIn(facts) && !facts.privacyUri ? { page: 'settings' } : undefined),
  },
  {
    id: 'terms-missing',
    kind: 'advice',
    source: OURS,
    judge: (facts) => (signsPeopleIn(facts) && !facts.termsUri ? { page: 'settings' } : undefined),
  },
  {
    id: 'logo-missing',
    kind: 'advice',
    source: OURS,
    judge: (facts) => (signsPeopleIn(facts) && !facts.hasLogo ? { page: 'branding' } : undefined),
  },
  {
    id: 'owner-single',
    kind: 'advice',
    source: OURS,
    judge: ({ owners }) => (owners < 2 ? { page: '/members' } : undefined),
  },
  {
    id: 'client-silent',
    kind: 'advice',
    source: OURS,
    judge: ({ stage, createdAt, lastCall, now }) =>
      stage === 'live' && olderThan(90, now, lastCall ?? createdAt)
        ? { page: 'deletion', values: { since: lastCall ?? createdAt } }
        : undefined,
  },
  {
    id: 'failures-many',
    kind: 'problem',
    source: OURS,
    judge: ({ requests, failures }) =>
      requests >= 20 && failures * 2 >= requests
        ? { page: 'requests', values: { failures, requests } }
        : undefined,
  },
] as const satisfies readonly Check<string, ClientFacts>[];

export type ClientCheckId = (typeof CLIENT_CHECKS)[number]['id'];
