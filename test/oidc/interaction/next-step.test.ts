import { describe, expect, it } from 'vitest';
import type { LiveSession } from '../../../src/accounts/sessions/sessions.ts';
import { type InteractionFacts, nextStep } from '../../../src/oidc/interaction/next-step.ts';

const STARTED = 1_800_000_000;

function sessionAt(epochSeconds: number): LiveSession {
  return {
    id: 'session',
    accountId: 'account',
    authenticatedAt: new Date(epochSeconds * 1000),
    acr: 'aal2',
    amr: ['pwd', 'otp', 'mfa'],
    expiresAt: new Date((epochSeconds + 86_400) * 1000),
  };
}

function facts(overrides: Partial<InteractionFacts>): InteractionFacts {
  return {
    prompt: { name: 'login', reasons: ['no_session'] },
    signedInBefore: undefined,
    now: STARTED + 60,
    isHintedAccount: true,
    session: undefined,
    ...overrides,
  };
}

const before = sessionAt(STARTED - 600);
const stood = { signedInBefore: before.authenticatedAt.getTime() };
const after = sessionAt(STARTED + 30);
const login = (reasons: string[]) => ({ prompt: { name: 'login', reasons } });
const admission = { prompt: { name: 'admission', reasons: ['in-development'] } };
const consent = { prompt: { name: 'consent', reasons: ['rs_scopes_missing'] } };

describe('the next step of an interaction', () => {
  it.each<[string, Partial<InteractionFacts>, object]>([
    ['nobody is signed in', {}, { step: 'sign-in' }],
    [
      'nobody is signed in and the app gave a hint',
      { hint: 'a@example.org' },
      { step: 'sign-in', hint: 'a@example.org' },
    ],
    ['the session ended before consent', { ...consent }, { step: 'sign-in' }],
    ['somebody is signed in', { session: before }, { step: 'answer' }],
    [
      'the app is closed to whoever is signed in',
      { ...admission, session: before, closed: 'in-development' },
      { step: 'closed', reason: 'in-development' },
    ],
    ['the app was opened meanwhile', { ...admission, session: before }, { step: 'answer' }],
    ['they signed out before that page', { ...admission }, { step: 'sign-in' }],
    [
      'prompt=login and the sign-in is older than the request',
      { ...login(['login_prompt']), ...stood, session: before },
      { step: 'sign-in', freshAfter: stood.signedInBefore },
    ],
    [
      'prompt=login and the sign-in is newer than the request',
      { ...login(['login_prompt']), ...stood, session: after },
      { step: 'answer' },
    ],
    [
      'prompt=login and nobody was signed in before',
      { ...login(['login_prompt', 'no_session']), session: after },
      { step: 'answer' },
    ],
    [
      'max_age is exceeded',
      { ...login(['max_age']), maxAge: 300, session: before },
      { step: 'sign-in', freshAfter: (STARTED - 240) * 1000 - 1 },
    ],
    [
      'max_age is kept by a new sign-in',
      { ...login(['max_age']), maxAge: 300, session: after },
      { step: 'answer' },
    ],
    [
      'max_age=0 means after the request, as prompt=login does',
      { ...login(['login_prompt']), ...stood, maxAge: 0, session: before },
      { step: 'sign-in', freshAfter: stood.signedInBefore },
    ],
    [
      'another account than the hinted one is signed in',
      { isHintedAccount: false, ...stood, session: before },
      { step: 'sign-in', switchAccount: true },
    ],
    [
      'the wrong account has just signed in',
      { isHintedAccount: false, ...stood, session: after },
      { step: 'wrong-account' },
    ],
    [
      'the wrong account is asked for consent',
      { ...consent, isHintedAccount: false, session: after },
      { step: 'wrong-account' },
    ],
    ['nobody is signed in and a strength is demanded', { wantedAcr: 'phr' }, { step: 'sign-in', acr: 'phr' }],
    [
      'the sign-in is weaker than demanded',
      { ...login(['acr_values']), wantedAcr: 'phr', strongestAcr: 'phr', session: before },
      { step: 'sign-in', acr: 'phr', accountId: 'account' },
    ],
    [
      'the sign-in is as strong as demanded',
      { ...login(['acr_values']), wantedAcr: 'aal2', session: before },
      { step: 'answer' },
    ],
    [
      'the sign-in is stronger than demanded',
      { ...login(['acr_values']), wantedAcr: 'aal1', session: before },
      { step: 'answer' },
    ],
    [
      'the person has nothing as strong as demanded',
      { ...login(['acr_values']), wantedAcr: 'phr', strongestAcr: 'aal2', session: before },
      { step: 'stronger-factor', acr: 'phr' },
    ],
    [
      'the sign-in is too weak and too old',
      {
        ...login(['acr_values', 'login_prompt']),
        ...stood,
        wantedAcr: 'phr',
        strongestAcr: 'phr',
        session: before,
      },
      { step: 'sign-in', acr: 'phr', freshAfter: stood.signedInBefore, accountId: 'account' },
    ],
    [
      'the sign-in is strong enough and too old',
      { ...login(['login_prompt']), ...stood, wantedAcr: 'aal2', session: before },
      { step: 'sign-in', freshAfter: stood.signedInBefore, accountId: 'account' },
    ],
    [
      'another account than the hinted one is signed in, too weakly',
      { isHintedAccount: false, ...stood, wantedAcr: 'phr', strongestAcr: 'aal2', session: before },
      { step: 'sign-in', switchAccount: true },
    ],
    [
      'consent is missing and other apps no longer see the strength',
      { ...consent, wantedAcr: 'phr', session: before },
      { step: 'consent' },
    ],
    ['consent is missing', { ...consent, session: before }, { step: 'consent' }],
    [
      'the engine asks for something unknown',
      { prompt: { name: 'dance', reasons: [] }, session: before },
      { step: 'unknown-prompt' },
    ],
  ])('when %s', (_when, overrides, expected) => {
    expect(nextStep(facts(overrides))).toMatchObject(expected);
  });

  it('tells the truth about how and when the person signed in', () => {
    expect(nextStep(facts({ session: after }))).toEqual({
      step: 'answer',
      login: { accountId: 'account', acr: 'aal2', amr: ['pwd', 'otp', 'mfa'], ts: STARTED + 30 },
    });
  });
});
