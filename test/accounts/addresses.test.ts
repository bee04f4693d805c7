import { describe, expect, it } from 'vitest';
import { normalizeAddress, normalizeName } from '../../src/accounts/addresses.ts';

describe('an address', () => {
  it.each([
    ['anna@example.com', 'anna@example.com', 'anna@example.com'],
    ['  Anna.B+mail@Example.COM ', 'Anna.B+mail@example.com', 'anna.b+mail@example.com'],
    ['ａｎｎａ@example.com', 'anna@example.com', 'anna@example.com'],
    ['anna@ｅｘａｍｐｌｅ．com', 'anna@example.com', 'anna@example.com'],
    ['anna@bücher.example', 'anna@xn--bcher-kva.example', 'anna@xn--bcher-kva.example'],
    ['anna@XN--BCHER-KVA.example', 'anna@xn--bcher-kva.example', 'anna@xn--bcher-kva.example'],
    ['\u212Aim@example.com', 'Kim@example.com', 'kim@example.com'],
    ['jose\u0301@example.com', 'josé@example.com', 'josé@example.com'],
    ['dev@localhost', 'dev@localhost', 'dev@localhost'],
    ['0@a.b', '0@a.b', '0@a.b'],
  ])('%j is kept as %j and owned as %j', (raw, email, emailKey) => {
    expect(normalizeAddress(raw)).toEqual({ email, emailKey });
  });

  it.each([
    [''],
    ['anna'],
    ['@example.com'],
    ['anna@'],
    ['anna@@example.com'],
    ['anna@example.com@evil.example'],
    ['anna@example.com, eve@evil.example'],
    ['anna @example.com'],
    ['anna@exa mple.com'],
    ['anna\r\nBcc: eve@evil.example@example.com'],
    ['anna\u0000@example.com'],
    ['anna\u202e@example.com'],
    ['anna\u200b@example.com'],
    ['"anna"@example.com'],
    ['<anna@example.com>'],
    ['.anna@example.com'],
    ['an..na@example.com'],
    ['anna@-example.com'],
    ['anna@example..com'],
    ['anna@example.com.'],
    ['anna@exam_ple.com'],
    ['anna@[127.0.0.1]'],
    ['anna@example.com/x'],
    ['anna@example.com:25'],
    [`${'a'.repeat(65)}@example.com`],
    [`anna@${'a'.repeat(64)}.com`],
    [`anna@${'abcdefghi.'.repeat(25)}com`],
    ['ﷺ'.repeat(80)],
  ])('%j is none', (raw) => {
    expect(normalizeAddress(raw)).toBeUndefined();
  });

  it('is judged at once however long the text is', () => {
    expect(normalizeAddress('x'.repeat(100_000))).toBeUndefined();
  });

  it('has a key that stays the same when it is normalized again', () => {
    for (const raw of [
      'İnci@example.com',
      'ǅ@example.com',
      'ſtraße@example.com',
      'Ω\u0345@example.com',
      'ΣΑΣ@example.com',
    ]) {
      const key = normalizeAddress(raw)?.emailKey as string;
      expect(normalizeAddress(key)?.emailKey, raw).toBe(key);
    }
  });
});

describe('a name', () => {
  it.each([
    ['Anna', 'Anna'],
    ['  Anna   Berg ', 'Anna Berg'],
    ['Ａｎｎａ', 'Anna'],
    ["Jean-Luc O'Neill", "Jean-Luc O'Neill"],
    ['안나', '안나'],
    ['سارا\u200cجان', 'سارا\u200cجان'],
    ['<script>alert(1)</script>', '<script>alert(1)</script>'],
  ])('%j is kept as %j', (raw, name) => {
    expect(normalizeName(raw)).toBe(name);
  });

  it.each([[''], ['   '], ['a\nb'], ['a\u0000b'], ['a\u202eb'], ['a\u2066b'], ['\ud800'], ['x'.repeat(101)]])(
    '%j is refused',
    (raw) => {
      expect(normalizeName(raw)).toBeUndefined();
    },
  );
});
