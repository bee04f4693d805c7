import { expect, it } from 'vitest';
import { newHandle } from '../../../src/platform/crypto/secrets.ts';
import {
  legible,
  redactAnswer,
  redactHeaders,
  redactLocation,
  redactParams,
} from '../../../src/developers/insights/redaction.ts';

const token = newHandle('access', new Date('2026-11-20T12:00:00Z'));
const jwt = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmF0dXJl';
const masked = (value: string) => `[masked, ${value.length} characters]`;

it.each([
  'login_hint',
  'state',
  'nonce',
  'claims',
  'code',
  'code_verifier',
  'refresh_token',
  'token',
  'client_secret',
  'client_assertion',
  'id_token_hint',
  'request',
  'request_uri',
  'password',
  'xsrf',
  'a_name_nobody_knows',
])('%s is masked', (name) => {
  expect(redactParams({ [name]: 'olive@example.com' })).toEqual([[name, '[masked, 17 characters]']]);
});

it('a secret in the place of something that is shown is masked there too', () => {
  expect(redactParams({ client_id: token, scope: `openid ${jwt}` })).toEqual([
    ['client_id', masked(token)],
    ['scope', `openid ${masked(jwt)}`],
  ]);
});

it('of an answer only what is no secret and nobody’s data is shown', () => {
  const answer = { access_token: token, token_type: 'Bearer', email: 'olive@example.com', expires_in: 600 };
  expect(redactAnswer(answer)).toEqual([
    ['access_token', masked(token)],
    ['token_type', 'Bearer'],
    ['email', '[masked, 17 characters]'],
    ['expires_in', '600'],
  ]);
});

it('a redirect takes neither code nor state along', () => {
  const fields = redactLocation(
    `https://app.example/cb?code=${token}&state=secret&iss=https://issuer.example`,
  );
  expect(fields).toEqual([
    ['location', 'https://app.example/cb'],
    ['code', masked(token)],
    ['state', '[masked, 6 characters]'],
    ['iss', 'https://issuer.example'],
  ]);
});

it('of headers few are shown, and no credentials and cookies', () => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  const of = (headers: Record<string, string>) => JSON.stringify(redactHeaders(headers));
  expect(of({ cookie: 'session=1', 'x-forwarded-for': '192.0.2.1' })).toBe('[]');
  expect(of({ authorization: basic('app_22222222222222222222:hunter2') })).toBe(
    '[["authorization","Basic app_22222222222222222222:[masked]"]]',
  );
  expect(of({ authorization: basic('hunter2') })).not.toContain('hunter2');
  expect(of({ authorization: basic('olive@example.com:x') })).not.toContain('olive');
  expect(of({ authorization: `Bearer ${token}` })).not.toContain(token);
  expect(of({ authorization: token })).not.toContain(token);
  expect(of({ dpop: jwt })).not.toContain(jwt);
});

it('what could hide, turn text around or leave its line is written out', () => {
  expect(legible('a\r\nb\0c\u202ed\u{1f600}', 300)).toBe('a\\u{d}\\u{a}b\\u{0}c\\u{202e}d\\u{1f600}');
  expect(legible('\ud800', 300)).toBe('\\u{d800}');
});

it('values and names have an end, and there are at most forty', () => {
  expect(redactParams({ scope: 'x'.repeat(100_000) })[0]?.[1]).toHaveLength(301);
  expect(redactParams({ ['x'.repeat(100_000)]: '1' })[0]?.[0]).toHaveLength(61);
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`p${i}`, 'x']));
  expect(redactParams(many)).toHaveLength(41);
  expect(redactParams({ resource: Array.from({ length: 500 }, () => 'https://a.example') })).toHaveLength(41);
});
