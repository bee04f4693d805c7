import { describe, expect, it } from 'vitest';
import { normalizeIdentifier } from '../../../src/developers/apis/identifier.ts';

describe('the identifier of an API', () => {
  it.each([
    ['https://api.example.com', 'https://api.example.com'],
    ['https://api.example.com/', 'https://api.example.com'],
    ['https://API.Example.com', 'https://api.example.com'],
    ['HTTPS://api.example.com', 'https://api.example.com'],
    ['https://api.example.com:443', 'https://api.example.com'],
    ['https://api.example.com:8443', 'https://api.example.com:8443'],
    ['https://api.example.com/v1', 'https://api.example.com/v1'],
    ['https://api.example.com/v1/', 'https://api.example.com/v1'],
    ['https://api.example.com/v1//', 'https://api.example.com/v1'],
    ['https://api.example.com//', 'https://api.example.com'],
    ['https://api.example.com.', 'https://api.example.com'],
    ['https://api.example.com.:443/v1/.', 'https://api.example.com/v1'],
    ['https://api.example.com.:8443', 'https://api.example.com:8443'],
    ['https://api.example.com/%76%31', 'https://api.example.com/v1'],
    ['https://api.example.com/a/%2e%2E/b', 'https://api.example.com/b'],
    ['https://api.example.com/%c3%bc', 'https://api.example.com/%C3%BC'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['https://BÜCHER.example/', 'https://xn--bcher-kva.example'],
    ['https://xn--BCHER-kva.example', 'https://xn--bcher-kva.example'],
    ['https://ａｐｉ.example', 'https://api.example'],
    ['https://api.example.com/V1', 'https://api.example.com/V1'],
    ['https://api.example.com/a/../b', 'https://api.example.com/b'],
    ['http://localhost:4000', 'http://localhost:4000'],
    ['http://localhost:80/', 'http://localhost'],
    ['http://127.0.0.1:4000/calendar', 'http://127.0.0.1:4000/calendar'],
    ['http://[::1]:4000', 'http://[::1]:4000'],
  ])('%s is stored and looked up as %s', (raw, identifier) => {
    expect(normalizeIdentifier(raw)).toEqual({ ok: true, identifier });
    expect(normalizeIdentifier(identifier)).toEqual({ ok: true, identifier });
  });

  it.each([
    '',
    'calendar',
    '/calendar',
    '//api.example.com',
    'api.example.com',
    'urn:example:api',
    'http://api.example.com',
    'http://localhost.example.com',
    'ftp://api.example.com',
    'javascript:alert(1)',
    'data:text/plain,x',
    'https:api.example.com',
    'https:/api.example.com',
    'https://',
    'https://me@api.example.com',
    'https://me:pw@api.example.com',
    'https://api.example.com#',
    'https://api.example.com/#x',
    'https://api.example.com?',
    'https://api.example.com/?v=1',
    'https://*.example.com',
    'https://api.example.com/*',
    'https://api.example.com\\x',
    'https://api.example.com/a b',
    'https://api.example.com/\n',
    'https://api.example.com/\0',
    'https://api.example.com/ü',
    'https://api\u200b.example.com',
    'https://api\u202e.example.com',
    'https://me\u00a0@api.example.com',
    'https://@api.example.com',
    'https://api.example.com/%',
    'https://api.example.com/%zz',
    'https://api.example.com/%00',
    'https://api.example.com/a%2fb',
    'https://api.example.com/a%5Cb',
    'https://api.example.com/%252e',
    'https://api.example.com/"x"',
    'https://api.example.com:99999',
    `https://api.example.com/${'x'.repeat(500)}`,
  ])('%j is refused in one sentence', (raw) => {
    expect(normalizeIdentifier(raw)).toMatchObject({
      ok: false,
      sentence: expect.stringMatching(/^The identifier .+\.$/),
    });
  });
});
