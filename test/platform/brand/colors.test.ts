import { expect, it } from 'vitest';
import { contrastOf, hexOf, parseColor } from '../../../src/platform/brand/colors.ts';

it.each([
  ['#1f5c4d', '#1f5c4d'],
  ['#ABC', '#aabbcc'],
  [' rgb(31, 92, 77) ', '#1f5c4d'],
  ['rgb(0 0 255)', '#0000ff'],
])('%j is a color', (written, hex) => {
  const color = parseColor(written);
  expect(color && hexOf(color)).toBe(hex);
});

it.each([
  ['red'],
  ['#12'],
  ['#1234'],
  ['rgb(300, 0, 0)'],
  ['rgb(1,2)'],
  ['#1f5c4d;background:url(https://evil.example)'],
  ['#fff}body{display:none'],
  ['var(--ink)'],
  ['url(x)'],
  [''],
])('%j is none', (written) => {
  expect(parseColor(written)).toBeUndefined();
});

it('knows how strong a contrast is', () => {
  expect(contrastOf([0, 0, 0], [255, 255, 255])).toBeCloseTo(21);
  expect(contrastOf([119, 119, 119], [255, 255, 255])).toBeCloseTo(4.48, 2);
});
