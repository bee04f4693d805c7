import { expect, it } from 'vitest';
import { waitInWords } from '../../../src/platform/words/wait-in-words.ts';
import { inEnglish } from '../../../src/platform/words/english.ts';

it.each([
  [0, '1 second'],
  [1, '1 second'],
  [20, '20 seconds'],
  [59.5, '60 seconds'],
  [60, '1 minute'],
  [61, '2 minutes'],
  [240, '4 minutes'],
  [3540, '59 minutes'],
  [3541, '1 hour'],
  [3600, '1 hour'],
  [3601, '2 hours'],
  [86_400, '24 hours'],
])('%d seconds are said as %s', (seconds, words) => {
  expect(inEnglish(waitInWords(seconds))).toBe(words);
});
