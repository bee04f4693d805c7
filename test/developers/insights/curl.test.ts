import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import type { CallFacts } from '../../../src/developers/insights/call-facts.ts';
import { curlOf, quoted } from '../../../src/developers/insights/curl.ts';
import { redactHeaders, redactParams } from '../../../src/developers/insights/redaction.ts';

function facts(more: Partial<CallFacts>): CallFacts {
  const call = { method: 'POST', path: '/token', from: '192.0.2.0/24', auth: 'none' } as const;
  return { ...call, headers: [], params: [], answer: [], ...more };
}

/** What a real shell makes of a command whose program only prints its arguments. */
function argumentsIn(command: string): string[] {
  const script = `curl() { for one in "$@"; do printf '%s\\n' "$one"; done; }\n${command}\n`;
  return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\n').slice(0, -1);
}

const HOSTILE = [
  "'; touch /tmp/owned; '",
  '$(id) `id` $HOME',
  'a\\',
  '"double" !history *',
  'one\ntwo\r\nthree',
  '--output /etc/passwd',
  '@/etc/passwd',
  '\u0000\u001b[31m\u202e',
];

it.each(HOSTILE)('a shell reads nothing in %j', (value) => {
  const params = redactParams({ scope: value, [value]: 'x', redirect_uri: value });
  const command = curlOf('https://issuer.example', facts({ params }));
  const given = argumentsIn(command);
  expect(given[0]).toBe('https://issuer.example/token');
  expect(given).toHaveLength(1 + 2 * params.length);
  expect(given[2]).toBe(`scope=${params[0]?.[1]}`);
  expect(given.filter((_, at) => at % 2 === 1)).toEqual(params.map(() => '--data-urlencode'));
});

it.each(HOSTILE)('quoting %j comes back as it was, on one line', (value) => {
  const [back] = argumentsIn(`curl ${quoted(value)}`);
  expect(back).toBe(value.replace(/\p{Cc}/gu, ' '));
});

it('secrets stand as words in capital letters', () => {
  const authorization = `Basic ${Buffer.from('app_22222222222222222222:hunter2').toString('base64')}`;
  const call = facts({
    headers: redactHeaders({ authorization, dpop: 'eyJ.eyJ.x' }),
    params: redactParams({ grant_type: 'authorization_code', code: 'abc', code_verifier: 'def' }),
  });
  expect(curlOf('https://issuer.example', call)).toBe(
    [
      "curl 'https://issuer.example/token'",
      "-u 'app_22222222222222222222:YOUR_SECRET'",
      "-H 'DPoP: YOUR_DPOP_PROOF'",
      "--data-urlencode 'grant_type=authorization_code'",
      "--data-urlencode 'code=YOUR_CODE'",
      "--data-urlencode 'code_verifier=YOUR_CODE_VERIFIER'",
    ].join(' \\\n  '),
  );
});

it('a request of a browser is an address', () => {
  const call = facts({ method: 'GET', path: '/authorize', params: [['scope', 'openid']] });
  expect(argumentsIn(curlOf('https://issuer.example', call))).toEqual([
    '-G',
    'https://issuer.example/authorize',
    '--data-urlencode',
    'scope=openid',
  ]);
});
