import { describe, expect, it } from 'vitest';
import {
  digestOf,
  handleKind,
  keyedDigest,
  newHandle,
  successorOf,
} from '../../../src/platform/crypto/secrets.ts';

const today = new Date('2026-11-22T12:00:00Z');
const key = Buffer.alloc(32, 7);

describe('a handle', () => {
  it('says its kind and the day it was made', () => {
    expect(newHandle('access', today)).toMatch(/^gate_access_0j6[A-Za-z0-9_-]{43}[0-9a-z]{7}$/);
    expect(handleKind(newHandle('refresh', today))).toBe('refresh');
  });

  it('is never made twice', () => {
    const made = new Set(Array.from({ length: 1_000 }, () => newHandle('code', today)));
    expect(made.size).toBe(1_000);
  });

  it('is refused truncated, extended, with another case or another letter', () => {
    const handle = newHandle('access', today);
    const altered = [
      handle.slice(0, -1),
      `${handle}0`,
      handle.toUpperCase(),
      handle.replace('access', 'refresh'),
      ` ${handle}`,
      `${handle}\n`,
      ...Array.from(
        handle,
        (letter, at) => handle.slice(0, at) + (letter === 'a' ? 'b' : 'a') + handle.slice(at + 1),
      ),
    ];
    expect(altered.filter((value) => value !== handle && handleKind(value) !== undefined)).toEqual([]);
  });

  it.each([undefined, null, 7, {}, [], '', 'gate_access_', 'eyJhbGciOiJFUzI1NiJ9.e30.x'])(
    'is not %j',
    (value) => {
      expect(handleKind(value)).toBeUndefined();
    },
  );

  it('has one successor under a key, itself a well-formed refresh token', () => {
    const handle = newHandle('refresh', today);
    const successor = successorOf(handle, key);
    expect(successorOf(handle, key)).toBe(successor);
    expect(successorOf(handle, Buffer.alloc(32, 8))).not.toBe(successor);
    expect(handleKind(successor)).toBe('refresh');
    expect(successor).not.toBe(handle);
  });

  it('is stored as 32 bytes that do not contain it', () => {
    const handle = newHandle('secret', today);
    expect(digestOf(handle)).toHaveLength(32);
    expect(digestOf(handle).toString('latin1')).not.toContain(handle.slice(0, 12));
  });
});

describe('a keyed digest', () => {
  it('does not confuse where one part ends and the next begins', () => {
    expect(keyedDigest(key, 'ab', 'c')).not.toEqual(keyedDigest(key, 'a', 'bc'));
    expect(keyedDigest(key, 'ab', '')).not.toEqual(keyedDigest(key, 'ab'));
  });
});
