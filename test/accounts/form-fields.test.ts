import { describe, expect, it } from 'vitest';
import {
  currentPasswordField,
  emailField,
  oneTimeCodeField,
  verificationCodeField,
} from '../../src/accounts/form-fields.ts';

describe('a typed code', () => {
  it.each([
    ['123456'],
    ['123 456'],
    ['123-456'],
    [' 1 2 3 4 5 6 '],
    ['123–456'],
    ['\u00a0123\u2009456'],
    ['１２３４５６'],
  ])('%j is taken as 123456', (typed) => {
    expect(oneTimeCodeField.parse(typed)).toBe('123456');
  });

  it.each([
    [''],
    ['12345'],
    ['1234567'],
    ['12345a'],
    ['١٢٣٤٥٦'],
    ['-1'],
    ['1e5'],
    ['123456'.repeat(100)],
    ['123456;--'],
  ])('%j is none', (typed) => {
    expect(oneTimeCodeField.safeParse(typed).success).toBe(false);
  });

  it('of a letter has eight digits', () => {
    expect(verificationCodeField.parse('1234 5678')).toBe('12345678');
    expect(verificationCodeField.safeParse('123456').success).toBe(false);
  });
});

it.each([[emailField], [currentPasswordField], [oneTimeCodeField]])('a field takes text alone', (field) => {
  for (const value of [undefined, null, 1, true, {}, [], ['a@example.com'], { contains: '' }]) {
    expect(field.safeParse(value).success).toBe(false);
  }
});
