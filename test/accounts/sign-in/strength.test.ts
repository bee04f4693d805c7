import { describe, expect, it } from 'vitest';
import {
  afterwards,
  RAISE_SECONDS,
  strengthFor,
  strengthOf,
} from '../../../src/accounts/sign-in/strength.ts';

const NOON = new Date(Date.UTC(2026, 10, 20, 12));
const later = (seconds: number) => new Date(NOON.getTime() + seconds * 1000);

describe('how strong a session is', () => {
  const raised = { ...strengthOf('otp'), raise: { ...strengthOf('passkey'), at: NOON, by: 'app_a' } };

  it.each([
    ['app_a', 0, 'phr'],
    ['app_a', RAISE_SECONDS, 'phr'],
    ['app_a', 86_400, 'phr'],
    ['app_b', RAISE_SECONDS - 1, 'phr'],
    ['app_b', RAISE_SECONDS, 'aal2'],
    [undefined, RAISE_SECONDS - 1, 'phr'],
    [undefined, RAISE_SECONDS, 'aal2'],
  ] as const)('after a step-up for one app, %s sees at %d seconds %s', (client, seconds, acr) => {
    expect(strengthFor(raised, client, later(seconds)).acr).toBe(acr);
  });

  it.each([
    ['otp', 'passkey', 'app_a', 'aal2', 'phr'],
    ['otp', 'otp', 'app_a', 'aal2', undefined],
    ['passkey', 'otp', 'app_a', 'aal2', undefined],
    ['trusted-browser', 'otp', null, 'aal1', 'aal2'],
    ['trusted-browser', 'otp', undefined, 'aal2', undefined],
    ['otp', 'passkey', undefined, 'phr', undefined],
    ['passkey', 'none', undefined, 'aal1', undefined],
  ] as const)('%s, then %s (step-up for %s): base %s, raised %s', (before, proven, by, base, raise) => {
    const stepUp = by === undefined ? undefined : { by };
    const outcome = afterwards(strengthOf(before), strengthOf(proven), { stepUp, at: NOON });
    expect([outcome.base.acr, outcome.raise?.acr]).toEqual([base, raise]);
  });

  it('is never raised by a browser that is merely trusted', () => {
    expect(strengthOf('trusted-browser')).toEqual({ acr: 'aal1', amr: ['pwd'] });
  });
});
