import { describe, expect, it } from 'vitest';
import { wantedAcr } from '../../../src/oidc/interaction/step-up.ts';

describe('the strength that acr_values demands', () => {
  it.each<[unknown, string | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ['  ', undefined],
    ['aal1', 'aal1'],
    ['aal2', 'aal2'],
    ['phr', 'phr'],
    ['phr aal2', 'aal2'],
    ['aal2 phr', 'aal2'],
    ['urn:example:gold phr', 'phr'],
    ['urn:example:gold', undefined],
    ['PHR', undefined],
    ['__proto__', undefined],
    [['phr'], undefined],
  ])('of %j is %s', (acrValues, wanted) => {
    expect(wantedAcr(acrValues)).toBe(wanted);
  });
});
