import { describe, expect, it } from 'vitest';
import { adviseOn } from '../../../src/accounts/credentials/password-advice.ts';

const PERSON = ['anna.berg@example.com', 'Anna Berg'];

describe('advice on a password', () => {
  it.each([['tlq9xw2v'], ['berg2019'], ['horses2019']])('%j: it could be better', async (password) => {
    await expect(adviseOn(password, PERSON)).resolves.toBe('password.advice');
  });

  it.each([
    ['violet kettle under moss'],
    ['tlq-9xwv-Ruz3'],
    ['kettle moss '.repeat(20)],
    ['x'.repeat(60_000)],
  ])('none for %j', async (password) => {
    await expect(adviseOn(password, PERSON)).resolves.toBeUndefined();
  });
});
