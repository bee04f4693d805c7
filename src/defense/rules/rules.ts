import type { SignalName, SubjectKind } from '../signals/catalogue.ts';
import type { Rule } from './rule.ts';

/**
 * Every rule, by its stable name: what can be counted may pause, statistics may not. Its words are the texts
 * `rules.<name>-cause` and `rules.<name>-fix`: what happened and what to fix, never a threshold and nothing of others.
 * Each has a row in docs/reference/watch.md.
 */
export const RULES = {
  'codes-replayed': {
    signals: ['code-replay'],
    subject: 'client',
    proof: 'passed-on',
    alerts: 'codes-replayed',
    minutes: 10,
    times: 30,
    share: { of: 'token-calls', atLeast: 0.2 },
  },
  'refresh-reused': {
    signals: ['refresh-reuse'],
    subject: 'client',
    proof: 'own-credentials',
    pauses: 'client',
    minutes: 10,
    times: 30,
    share: { of: 'token-calls', atLeast: 0.2 },
  },
  'proofs-replayed': {
    signals: ['proof-replay'],
    subject: 'client',
    proof: 'own-credentials',
    pauses: 'client',
    minutes: 10,
    times: 30,
    share: { of: 'token-calls', atLeast: 0.2 },
  },
  'grants-invalid': {
    signals: ['invalid-grant'],
    subject: 'client',
    proof: 'own-credentials',
    pauses: 'client',
    minutes: 10,
    times: 300,
    share: { of: 'token-calls', atLeast: 0.5 },
  },
  'scopes-probed': {
    signals: ['scope-refused'],
    subject: 'client',
    proof: 'own-credentials',
    pauses: 'client',
    minutes: 60,
    times: 25,
    distinct: 25,
  },
  'scopes-probed-at-api': {
    signals: ['scope-refused'],
    subject: 'access',
    proof: 'own-credentials',
    pauses: 'access',
    minutes: 60,
    times: 15,
    distinct: 15,
  },
  'foreign-tokens-asked': {
    signals: ['foreign-introspection'],
    subject: 'client',
    proof: 'passed-on',
    alerts: 'foreign-introspection',
    minutes: 60,
    times: 20,
    distinct: 20,
  },
  'unknown-tokens-asked': {
    signals: ['unknown-token'],
    subject: 'client',
    proof: 'passed-on',
    alerts: 'foreign-introspection',
    minutes: 10,
    times: 100,
    distinct: 100,
    share: { of: 'introspections', atLeast: 0.5 },
  },
  'routes-probed': {
    signals: ['route-refused'],
    subject: 'access',
    proof: 'own-credentials',
    pauses: 'access',
    minutes: 60,
    times: 8,
    // Scopes that the access does not have: an app that somebody took scopes from lacks a few.
    distinct: 8,
  },
  'unlisted-routes-tried': {
    signals: ['route-unlisted'],
    subject: 'access',
    // Many apps pass on the paths that their visitors ask for, and every site is scanned.
    proof: 'passed-on',
    alerts: 'routes-probed',
    minutes: 60,
    times: 20,
    distinct: 20,
  },
  'rate-ignored': {
    signals: ['rate-refused'],
    subject: 'access',
    proof: 'own-credentials',
    pauses: 'access',
    exactly: true,
    minutes: 10,
    times: 2_000,
    share: { of: 'calls', atLeast: 0.5 },
  },
  'limit-ignored': {
    signals: ['rate-refused'],
    subject: 'client',
    proof: 'own-credentials',
    pauses: 'client',
    minutes: 10,
    times: 2_000,
    share: { of: 'calls', atLeast: 0.5 },
  },
  'cap-ignored': {
    signals: ['cap-refused'],
    subject: 'access',
    proof: 'token',
    alerts: 'cap-ignored',
    minutes: 60,
    times: 500,
    distinct: 500,
  },
  'token-reused': {
    signals: ['refresh-reuse', 'code-replay'],
    subject: 'grant',
    proof: 'token',
    pauses: 'grant',
    minutes: 10,
    times: 5,
  },
  'token-floods': {
    signals: ['rate-refused'],
    subject: 'grant',
    proof: 'token',
    pauses: 'grant',
    minutes: 10,
    times: 2_000,
  },
  'token-probes': {
    signals: ['route-refused', 'route-unlisted'],
    subject: 'grant',
    proof: 'token',
    pauses: 'grant',
    minutes: 60,
    times: 20,
    distinct: 20,
  },
  'account-tokens-reused': {
    signals: ['refresh-reuse', 'code-replay'],
    subject: 'account',
    proof: 'token',
    pauses: 'account',
    minutes: 60,
    times: 10,
    // Owners of apps, each once for either signal: three at least.
    distinct: 5,
  },
  'misused-by-many': {
    signals: ['account-misuse'],
    subject: 'client',
    proof: 'many-tokens',
    pauses: 'client',
    minutes: 60,
    times: 20,
    distinct: 20,
    unrelated: { accounts: 20, networks: 5 },
  },
  'reported-by-api': {
    signals: ['abuse-reported'],
    subject: 'access',
    proof: 'reports',
    pauses: 'access',
    exactly: true,
    minutes: 1_440,
    times: 3,
    distinct: 3,
  },
  'reported-by-many': {
    signals: ['abuse-reported'],
    subject: 'client',
    proof: 'reports',
    pauses: 'client',
    minutes: 1_440,
    times: 3,
    organizations: 3,
  },
  'api-asks-foreign-tokens': {
    signals: ['foreign-introspection'],
    subject: 'api',
    proof: 'own-credentials',
    alerts: 'foreign-introspection',
    minutes: 60,
    times: 100,
    distinct: 100,
  },
  'unknown-tokens-at-api': {
    signals: ['unknown-token'],
    subject: 'api',
    proof: 'passed-on',
    alerts: 'foreign-introspection',
    minutes: 10,
    times: 100,
    distinct: 100,
    share: { of: 'introspections', atLeast: 0.5 },
  },
  'secrets-guessed': {
    signals: ['failed-authentication'],
    subject: 'network',
    proof: 'address',
    alerts: 'secrets-guessed',
    minutes: 10,
    times: 500,
  },
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleName = keyof typeof RULES;

export const RULE_NAMES = Object.keys(RULES) as RuleName[];

/** The rules that look at a kind of subject, and at one of these signals. */
export function rulesAbout(kind: SubjectKind, signals: ReadonlySet<SignalName>): RuleName[] {
  return RULE_NAMES.filter((name) => {
    const rule: Rule = RULES[name];
    return rule.subject === kind && rule.signals.some((signal) => signals.has(signal));
  });
}
