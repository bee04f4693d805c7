import { describe, expect, it } from 'vitest';
import { openWith, SealBroken, sealUnder } from '../../../src/platform/crypto/envelope.ts';

const first = { id: 'k1', key: Buffer.alloc(32, 1) };
const second = { id: 'k2', key: Buffer.alloc(32, 2) };
const place = { table: 'totp_devices', column: 'sealed_seed', row: '01' };

describe('a sealed value', () => {
  it('opens at its own place', () => {
    expect(openWith([first], sealUnder(first, 'seed', place), place).toString()).toBe('seed');
  });

  it('opens with an older key that is still kept', () => {
    expect(openWith([second, first], sealUnder(first, 'seed', place), place).toString()).toBe('seed');
  });

  it.each([
    ['another row', { ...place, row: '02' }],
    ['another column', { ...place, column: 'name' }],
    ['another table', { ...place, table: 'passwords' }],
  ])('does not open moved to %s', (_where, elsewhere) => {
    const sealed = sealUnder(first, 'seed', place);
    expect(() => openWith([first], sealed, elsewhere)).toThrow(SealBroken);
  });

  it('does not open with any bit flipped', () => {
    const sealed = sealUnder(first, 'seed', place);
    const [version, id, body] = sealed.split('.') as [string, string, string];
    const bytes = Buffer.from(body, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const value = `${version}.${id}.${flipped.toString('base64url')}`;
      expect(() => openWith([first], value, place)).toThrow(SealBroken);
    }
  });

  it('does not open without its key, and says where it lies but not what it holds', () => {
    const sealed = sealUnder(first, 'seed', place);
    expect(() => openWith([second], sealed, place)).toThrow(
      'totp_devices.sealed_seed of row 01 does not open with the given ENCRYPTION_KEYS',
    );
  });

  it('never looks the same twice', () => {
    expect(sealUnder(first, 'seed', place)).not.toBe(sealUnder(first, 'seed', place));
  });
});
