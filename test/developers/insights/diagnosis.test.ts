import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CLOSED } from '../../../src/oidc/admission.ts';
import type { CallFacts } from '../../../src/developers/insights/call-facts.ts';
import { CAUSES } from '../../../src/developers/insights/causes.ts';
import { diagnose } from '../../../src/developers/insights/diagnosis.ts';
import type { CallEndpoint } from '../../../src/developers/insights/protocol-call.ts';

const SECRET = { type: 'web', authMethod: 'client_secret_basic' };
const PUBLIC = { type: 'spa', authMethod: 'none' };

function call(
  endpoint: CallEndpoint,
  error: string | null,
  more: Partial<CallFacts> = {},
  grantType: string | null = null,
) {
  const plain = { method: 'POST', path: '/', from: '', auth: 'basic', client: SECRET } as const;
  return { endpoint, error, grantType, facts: { ...plain, headers: [], params: [], answer: [], ...more } };
}

/** `client✓ authentication✗ request–` */
function inShort({ checks }: ReturnType<typeof diagnose>): string {
  const signs = { passed: '✓', failed: '✗', 'not-reached': '–' };
  return checks.map(({ name, result }) => name + signs[result]).join(' ');
}

const code = (state: NonNullable<CallFacts['artifact']>['state']) => ({ artifact: { kind: 'code', state } });
const refresh = (state: NonNullable<CallFacts['artifact']>['state']) => ({
  artifact: { kind: 'refresh', state },
});
const CODE = 'authorization_code';
const REFRESH = 'refresh_token';

describe('the cause is recognized', () => {
  it.each(Object.values(CLOSED))('wherever a person is not let in: %s', (sentence) => {
    const calls = [
      call('authorization', 'access_denied', { description: sentence }),
      call('token', 'invalid_grant', { ...refresh('sound'), description: sentence }, REFRESH),
      call('userinfo', 'invalid_token', { detail: sentence }),
    ];
    expect(calls.map((each) => diagnose(each).cause?.name)).toEqual([
      'not-let-in',
      'not-let-in',
      'not-let-in',
    ]);
  });

  it.each([
    ['wrong-secret', call('token', 'invalid_client', { detail: 'invalid secret provided' })],
    ['no-secret', call('token', 'invalid_client', { auth: 'none' })],
    ['secret-of-public', call('token', 'invalid_client', { client: PUBLIC })],
    ['bad-assertion', call('token', 'invalid_client', { auth: 'assertion', detail: 'alg mismatch' })],
    ['client-suspended', call('token', 'invalid_client', { suspended: true })],
    ['redirect-uri', call('authorization', 'invalid_redirect_uri')],
    [
      'missing-pkce',
      call('authorization', 'invalid_request', {
        description: 'Authorization Server policy requires PKCE to be used for this request',
      }),
    ],
    [
      'pkce-method',
      call('authorization', 'invalid_request', {
        description: 'not supported value of code_challenge_method',
      }),
    ],
    ['code-reused', call('token', 'invalid_grant', code('spent'), CODE)],
    ['code-expired', call('token', 'invalid_grant', code('expired'), CODE)],
    ['code-unknown', call('token', 'invalid_grant', code('unknown'), CODE)],
    ['code-of-another', call('token', 'invalid_grant', code('of-another-client'), CODE)],
    ['consent-ended', call('token', 'invalid_grant', code('ended'), CODE)],
    [
      'wrong-verifier',
      call('token', 'invalid_grant', {
        ...code('sound'),
        detail: 'code_verifier does not match code_challenge',
      }),
    ],
    [
      'code-redirect-uri',
      call('token', 'invalid_grant', {
        ...code('sound'),
        detail: 'authorization code redirect_uri mismatch',
      }),
    ],
    ['code-reused', call('token', 'invalid_grant', code('sound'), CODE)],
    ['refresh-reused', call('token', 'invalid_grant', refresh('spent'), REFRESH)],
    ['consent-ended', call('token', 'invalid_grant', refresh('ended'), REFRESH)],
    ['grant-type', call('token', 'unsupported_grant_type')],
    ['grant-not-allowed', call('token', 'unauthorized_client')],
    ['unknown-scope', call('token', 'invalid_scope', { access: 'scope-unknown' })],
    ['scope-not-granted', call('token', 'invalid_scope', { access: 'approval-missing' })],
    ['no-access', call('token', 'invalid_target', { access: 'no-access' })],
    ['access-ended', call('token', 'invalid_target', { access: 'access-ended' })],
    ['people-cap', call('token', 'access_denied', refresh('sound'), REFRESH)],
    ['wrong-audience', call('introspection', null, { inactive: 'other-audience' })],
    ['token-no-access', call('introspection', null, { inactive: 'no-access' })],
    ['bad-dpop', call('token', 'invalid_dpop_proof')],
    ['no-dpop', call('token', 'invalid_grant', { ...refresh('sound'), detail: 'missing DPoP proof JWT' })],
    [
      'person-refused',
      call('authorization', 'access_denied', { description: 'the person chose not to allow this' }),
    ],
    ['sign-in-needed', call('authorization', 'login_required')],
    [
      'sign-out-uri',
      call('end_session', 'invalid_request', { description: 'post_logout_redirect_uri not registered' }),
    ],
    ['other', call('token', 'an_error_of_tomorrow')],
  ])('%s', (name, given) => {
    expect(diagnose(given).cause?.name).toBe(name);
  });
});

describe('the checks stand in the order in which they are made', () => {
  it.each([
    [
      call('token', null, {}, CODE),
      'client✓ authentication✓ request✓ grant-type✓ code✓ person✓ pkce✓ redirect-uri✓ once✓ access✓ scope✓',
    ],
    [
      call('token', 'invalid_client', {}, CODE),
      'client✓ authentication✗ request– grant-type– code– person– pkce– redirect-uri– once– access– scope–',
    ],
    [
      call('token', 'invalid_grant', code('spent'), CODE),
      'client✓ authentication✓ request✓ grant-type✓ code✓ person✓ pkce✓ redirect-uri✓ once✗ access– scope–',
    ],
    [call('token', 'unsupported_grant_type'), 'client✓ authentication✓ request✓ grant-type✗'],
    [
      call('authorization', null, { pending: true }),
      'client✓ redirect-uri✓ request✓ pkce✓ access✓ scope✓ person–',
    ],
    [
      call('authorization', 'invalid_redirect_uri'),
      'client✓ redirect-uri✗ request– pkce– access– scope– person–',
    ],
    [
      call('introspection', null, { inactive: 'other-audience' }),
      'client✓ authentication✓ request✓ token✓ audience✗ access–',
    ],
    [
      call('token', 'server_error', {}, REFRESH),
      'client✓ authentication✓ request✓ grant-type✓ refresh-token✓ person✓ scope✓ once✓ access✓ service✗',
    ],
    [
      call('token', 'invalid_dpop_proof', { headers: [['dpop', '']] }, CODE),
      'client✓ authentication✓ request✓ grant-type✓ dpop✗ code– person– pkce– redirect-uri– once– access– scope–',
    ],
  ])('%#', (given, checks) => {
    expect(inShort(diagnose(given))).toBe(checks);
  });
});

it('every cause has its reason, its fix and its check in words, and names a rule', () => {
  const texts = JSON.parse(
    readFileSync(new URL('../../../locales/en/request-log.json', import.meta.url), 'utf8'),
  ) as Record<string, string>;
  const missing = Object.entries(CAUSES).flatMap(([name, { check, rule }]) => {
    const keys = [`request-log.why-${name}`, `request-log.fix-${name}`, `request-log.check-${check}`];
    expect(rule[1]).toMatch(/^https:\/\//);
    return keys.filter((key) => texts[key] === undefined);
  });
  expect(missing).toEqual([]);
});
