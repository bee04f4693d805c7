import { expect, it } from 'vitest';
import { differenceOf } from '../../../src/developers/insights/uri-difference.ts';

const REGISTERED = ['https://app.example.com/callback', 'https://beta.example.com/oauth/return?tenant=1'];

it.each([
  ['https://app.example.com/callback/', ['hint-slash'], ['https://app.example.com/callback', '/', '']],
  ['http://app.example.com/callback', ['hint-scheme'], ['http', '', '://app.example.com/callback']],
  ['https://App.example.com/callback', ['hint-case'], ['https://', 'A', 'pp.example.com/callback']],
  ['https://app.example.com:8443/callback', ['hint-port'], ['https://app.example.com', ':8443', '/callback']],
  ['https://app.example.com/callbcak', ['hint-path'], ['https://app.example.com/callb', 'ca', 'k']],
  [
    'https://beta.example.com/oauth/return?tenant=2',
    ['hint-query'],
    ['https://beta.example.com/oauth/return?tenant=', '2', ''],
  ],
  [
    'https://app.example.com/callback#top',
    ['hint-fragment'],
    ['https://app.example.com/callback', '#top', ''],
  ],
])('%s', (sent, hints, split) => {
  const difference = differenceOf(sent, REGISTERED);
  expect(difference?.sent).toEqual(split);
  expect(difference?.hints).toEqual(hints.map((hint) => `request-log.${hint}`));
});

it('an international name is shown in letters', () => {
  expect(differenceOf('https://xn--pple-43d.com/callback', REGISTERED)?.hints).toContainEqual({
    key: 'request-log.hint-punycode',
    values: { host: 'аpple.com' },
  });
});

it('the parts put together are the whole, whatever was sent', () => {
  for (const sent of ['', 'x', 'https://', 'javascript:alert(1)', REGISTERED[0], 'a'.repeat(2_000)]) {
    const difference = differenceOf(String(sent), REGISTERED);
    expect(difference?.sent.join('')).toBe(sent);
    expect(REGISTERED).toContain(difference?.registered.join(''));
  }
  expect(differenceOf('https://app.example.com/', [])).toBeUndefined();
});
