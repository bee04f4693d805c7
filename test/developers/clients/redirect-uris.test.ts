import { describe, expect, it } from 'vitest';
import { APP_TYPES, type AppType } from '../../../src/developers/clients/app-types.ts';
import { judgeRedirectUri } from '../../../src/developers/clients/redirect-uris.ts';
import { HOSTILE } from './hostile-uris.ts';

const PRODUCTION = { loopback: false };
const DEVELOPMENT = { loopback: true };

describe('a redirect URI is accepted', () => {
  const everywhere: [AppType, string][] = [
    ['web', 'https://app.example.com/callback'],
    ['web', 'https://app.example.com'],
    ['web', 'https://app.example.com/'],
    ['web', 'https://app.example.com:8443/a/b/c'],
    ['web', 'https://app.example.com/callback?tenant=7&next=%2Fhome'],
    ['web', 'https://xn--bcher-kva.example/callback'],
    ['web', 'https://192.0.2.7/callback'],
    ['web', 'https://[2001:db8::7]/callback'],
    ['web', 'https://intranet/callback'],
    ['web', 'https://app.example.com/~me/a-b_c.d/%C3%BC'],
    ['spa', 'https://app.example.com/callback'],
    ['native', 'https://app.example.com/callback'],
    ['native', 'http://127.0.0.1/callback'],
    ['native', 'http://127.0.0.1:49152/callback'],
    ['native', 'http://[::1]:49152/callback'],
    ['native', 'http://localhost/callback'],
    ['cli', 'http://127.0.0.1/callback'],
    ['cli', 'http://[::1]:49152/callback'],
    ['cli', 'http://localhost/'],
    ['agent', 'http://127.0.0.1/callback'],
    ['agent', 'https://agent.example.com/callback'],
    ['native', 'com.example.app:/callback'],
    ['native', 'com.example.app:/callback?from=sign-in'],
    ['native', 'com.example.my-app://callback'],
    ['native', 'com.example.app://callback/done'],
  ];
  it.each(everywhere)('for a %s app: %s', (type, uri) => {
    expect(judgeRedirectUri(uri, type, PRODUCTION)).toEqual({ ok: true });
    expect(judgeRedirectUri(uri, type, DEVELOPMENT)).toEqual({ ok: true });
  });

  const development: [AppType, string][] = [
    ['web', 'http://localhost:4000/callback'],
    ['web', 'http://127.0.0.1:4000/callback'],
    ['web', 'http://[::1]:4000/callback'],
    ['spa', 'http://localhost:5173/'],
  ];
  it.each(development)(
    'for a %s app while the issuer is a loopback address, and only then: %s',
    (type, uri) => {
      expect(judgeRedirectUri(uri, type, DEVELOPMENT)).toEqual({ ok: true });
      expect(judgeRedirectUri(uri, type, PRODUCTION)).toMatchObject({ ok: false });
    },
  );
});

describe('a redirect URI is refused', () => {
  const cases = Object.entries(HOSTILE).flatMap(([why, uris]) => uris.map((uri) => [why, uri] as const));

  it('for the whole corpus, which has at least 150 entries', () => {
    expect(cases.length).toBeGreaterThanOrEqual(150);
  });

  it.each(cases)('with %s: %j', (_, uri) => {
    for (const type of APP_TYPES) {
      for (const rules of [PRODUCTION, DEVELOPMENT]) {
        const verdict = judgeRedirectUri(uri, type, rules);
        expect(verdict, `${type} ${JSON.stringify(rules)}`).toMatchObject({ ok: false });
        expect(verdict).toHaveProperty('sentence', expect.stringMatching(/^[\x20-\x7e]{10,2500}\.$/));
      }
    }
  });

  const byType: [AppType, string][] = [
    ['web', 'com.example.app:/callback'],
    ['spa', 'com.example.app:/callback'],
    ['native', 'https://localhost/callback'],
    ['native', 'https://127.0.0.1/callback'],
    ['native', 'https://[::1]/callback'],
    ['cli', 'https://app.example.com/callback'],
    ['cli', 'https://127.0.0.1/callback'],
    ['cli', 'com.example.app:/callback'],
    ['agent', 'com.example.app:/callback'],
    ['agent', 'http://agent.example.com/callback'],
    ['agent', 'https://localhost/callback'],
    ['machine', 'https://app.example.com/callback'],
    ['machine', 'http://localhost/callback'],
  ];
  it.each(byType)('of a %s app: %s', (type, uri) => {
    expect(judgeRedirectUri(uri, type, DEVELOPMENT)).toMatchObject({ ok: false });
  });
});
