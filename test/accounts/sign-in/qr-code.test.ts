import { encode } from 'uqr';
import { expect, it } from 'vitest';
import { drawQrCode } from '../../../src/accounts/sign-in/qr-code.ts';

it('draws every dark square of the code, no other, in a few kilobytes', () => {
  const text = `otpauth://totp/Gatehouse:someone@example.org?secret=${'ABCDEFGH'.repeat(4)}&issuer=Gatehouse`;
  const svg = drawQrCode(text);
  const { data } = encode(text, { border: 0 });
  const drawn = data.map((row) => row.map(() => false));
  for (const [, x, y, length] of svg.matchAll(/M(\d+) (\d+)\.5h(\d+)/g))
    drawn[Number(y)]?.fill(true, Number(x), Number(x) + Number(length));
  expect(drawn).toEqual(data);
  expect(svg.length).toBeLessThan(8000);
});
