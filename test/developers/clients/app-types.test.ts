import { expect, it } from 'vitest';
import { type AppType, chooseAuthMethod } from '../../../src/developers/clients/app-types.ts';

const ALLOWED: [AppType, string | undefined, string][] = [
  ['web', undefined, 'client_secret_basic'],
  ['web', 'client_secret_basic', 'client_secret_basic'],
  ['web', 'client_secret_post', 'client_secret_post'],
  ['web', 'private_key_jwt', 'private_key_jwt'],
  ['machine', 'private_key_jwt', 'private_key_jwt'],
  ['machine', undefined, 'client_secret_basic'],
  ['machine', 'client_secret_post', 'client_secret_post'],
  ['spa', undefined, 'none'],
  ['spa', 'none', 'none'],
  ['native', undefined, 'none'],
  ['native', 'none', 'none'],
  ['cli', undefined, 'none'],
  ['agent', undefined, 'none'],
  ['agent', 'client_secret_basic', 'client_secret_basic'],
];
it.each(ALLOWED)('a %s app that asks for %s proves itself by %s', (type, asked, authMethod) => {
  expect(chooseAuthMethod(type, asked)).toEqual({ ok: true, authMethod });
});

const REFUSED: [AppType, string][] = [
  ['web', 'none'],
  ['machine', 'none'],
  ['spa', 'client_secret_basic'],
  ['native', 'client_secret_post'],
  ['cli', 'client_secret_basic'],
  ['spa', 'private_key_jwt'],
  ['native', 'private_key_jwt'],
  ['web', 'client_secret_jwt'],
  ['web', 'tls_client_auth'],
  ['web', ''],
  ['web', 'Client_Secret_Basic'],
  ['web', '__proto__'],
];
it.each(REFUSED)('a %s app may not ask for %j', (type, asked) => {
  expect(chooseAuthMethod(type, asked)).toMatchObject({ ok: false, sentence: expect.stringMatching(/\.$/) });
});
