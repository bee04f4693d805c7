import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { KEY_PAIR_PROGRAM } from '../../../../src/developers/support/key-snippets.ts';
import { judgePublicKeys } from '../../../../src/developers/clients/credentials/public-keys.ts';
import { aPublicKey, aSigningKey } from '../../../support/assertions.ts';
import { ok } from '../../../support/developers.ts';

const judge = (value: unknown, most = 2) =>
  judgePublicKeys(typeof value === 'string' ? value : JSON.stringify(value), most);
const EC = aPublicKey('ES256');
const ED = aPublicKey('EdDSA');
const RSA = aPublicKey('PS256');

it('the thumbprint is the one of RFC 7638', () => {
  const jwk = {
    kty: 'RSA',
    n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
    e: 'AQAB',
    alg: 'RS256',
    kid: '2011-04-29',
  };
  const [key] = ok(judge(jwk)).keys;
  expect(key?.thumbprint).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
  expect(key?.kid).toBe('2011-04-29');
});

it.each([
  ['an EC key', EC],
  ['an Ed25519 key', ED],
  ['an RSA key', RSA],
  ['one with what goes with it', { ...EC, alg: 'ES256', use: 'sig', key_ops: ['verify'], kid: '2026-11' }],
  ['a set of one', { keys: [EC] }],
  ['a set of two', { keys: [EC, RSA] }],
])('%s is taken, and of it public members alone', (_what, value) => {
  const { keys } = ok(judge({ ...value, 'x-note': 'ours' }));
  for (const { jwk } of keys) {
    const members = ['alg', 'crv', 'e', 'kty', 'n', 'x', 'y'];
    expect(Object.keys(jwk).filter((name) => !members.includes(name))).toEqual([]);
  }
});

it('a key without a name is called by its thumbprint', () => {
  const [key] = ok(judge(EC)).keys;
  expect(key?.kid).toBe(key?.thumbprint);
});

const privateOf = (value: object) => ({ ...value, d: 'c2VjcmV0' });
it.each([
  ['an EC key', aSigningKey('ES256').privateKey.export({ format: 'jwk' })],
  ['an Ed25519 key', aSigningKey('EdDSA').privateKey.export({ format: 'jwk' })],
  ['an RSA key', aSigningKey('RS256').privateKey.export({ format: 'jwk' })],
  ['a key whose private part is of no use', privateOf(EC)],
  ['one of a set', { keys: [EC, privateOf(ED)] }],
  ['a shared secret', { kty: 'oct', k: 'c2VjcmV0' }],
  ['a PEM file', String(aSigningKey('ES256').privateKey.export({ type: 'pkcs8', format: 'pem' }))],
])('%s with its private part is refused as lost, and nothing of it is repeated', (_what, value) => {
  const outcome = judge(value);
  expect(outcome).toMatchObject({ ok: false, sentence: expect.stringMatching(/private key/) });
  expect(JSON.stringify(outcome)).not.toMatch(/c2VjcmV0|MIG/);
});

const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
it.each([
  ['nothing', ''],
  ['text', 'my key'],
  ['a number', '7'],
  ['null', 'null'],
  ['a list', [EC]],
  ['an empty set', { keys: [] }],
  ['a set that is no list', { keys: { a: EC } }],
  ['a set of numbers', { keys: [7] }],
  ['three keys', { keys: [EC, ED, RSA] }],
  ['the same key twice', { keys: [EC, { ...EC, kid: 'other' }] }],
  ['a small RSA key', small],
  ['an RSA key that anybody can sign for', { ...RSA, e: 'AQ' }],
  ['another curve', generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' })],
  [
    'a curve of bitcoin',
    generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ format: 'jwk' }),
  ],
  ['a key to agree on keys', generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' })],
  ['another kind', { kty: 'AKP', alg: 'ML-DSA-44', pub: 'x' }],
  ['a kind that is a property', { kty: '__proto__' }],
  ['a point that is not on the curve', { ...EC, y: EC.x }],
  ['numbers for coordinates', { ...EC, x: 7 }],
  ['no coordinates', { kty: 'EC', crv: 'P-256' }],
  ['another algorithm', { ...EC, alg: 'RS256' }],
  ['a shared algorithm', { ...RSA, alg: 'HS256' }],
  ['no algorithm', { ...RSA, alg: 'none' }],
  ['a key for encryption', { ...RSA, use: 'enc' }],
  ['a key that may only sign', { ...EC, key_ops: ['sign'] }],
  ['a name with spaces', { ...EC, kid: 'my key' }],
  ['a name that is markup', { ...EC, kid: '"><script>'.repeat(40) }],
  ['a name that is a number', { ...EC, kid: 7 }],
  ['a megabyte', 'x'.repeat(1_000_000)],
])('%s is refused with a sentence that says what is right', (_what, value) => {
  expect(judge(value)).toMatchObject({ ok: false, reason: 'keys', sentence: expect.stringMatching(/\.$/) });
});

it('the program on the page makes a pair, keeps the private part to itself and prints what is taken', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'));
  try {
    const printed = execFileSync('sh', ['-c', KEY_PAIR_PROGRAM], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` },
    });
    const [key] = ok(judge(printed)).keys;
    expect(key?.jwk.crv).toBe('P-256');
    const file = join(folder, 'private-key.pem');
    expect(readFileSync(file, 'utf8')).toContain('BEGIN PRIVATE KEY');
    expect(statSync(file).mode & 0o077).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('two keys under one name are refused: the assertion of one would pass for that of the other', () => {
  const [victim] = ok(judge(EC)).keys;
  for (const keys of [
    [
      { ...EC, kid: 'x' },
      { ...RSA, kid: 'x' },
    ],
    [EC, { ...aPublicKey('ES256'), kid: victim?.thumbprint }],
  ]) {
    expect(judge({ keys })).toMatchObject({ ok: false, sentence: expect.stringContaining('same kid') });
  }
});
