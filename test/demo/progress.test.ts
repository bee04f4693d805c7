import { describe, expect, it } from 'vitest';
import { type GuideFacts, momentOf } from '../../examples/demo/guide-page.ts';
import { codeOf } from '../../examples/demo/one-time-code.ts';
import { type Answered, answeredIn, NOTHING_DONE, progressAfter } from '../../examples/demo/progress.ts';

/** `notes GET /callback 302` */
function answered(text: string): Answered {
  const [program, method, path, status] = text.split(' ');
  return { program, method, path, status: Number(status) } as Answered;
}

function doneAfter(...texts: string[]): string[] {
  return [...texts.map(answered).reduce(progressAfter, NOTHING_DONE).done];
}

describe('the steps of the demo', () => {
  it.each([
    ['a code that brought tokens', ['notes GET /callback 302'], ['sign-in']],
    ['a sign-in that was cancelled', ['notes GET /callback 400'], []],
    ['events that were read', ['calendar GET /events 200'], ['read']],
    ['a write that was refused', ['calendar POST /events 403'], ['write']],
    ['a write that was allowed', ['calendar POST /events 201'], []],
    ['a broken redirect that was explained', ['guide GET /broken-redirect 302'], ['redirect']],
    ['a token that was refused before any was given back', ['calendar GET /events 401'], []],
    ['a revocation alone', ['notes POST /revocation 200'], []],
    [
      'a revocation, and the next call refused',
      ['notes POST /revocation 200', 'calendar GET /events 401'],
      ['revoke'],
    ],
    [
      'a revocation, a new sign-in and another refusal',
      ['notes POST /revocation 200', 'notes GET /callback 302', 'calendar GET /events 401'],
      ['sign-in'],
    ],
  ])('tick after %s', (_, texts, done) => {
    expect(doneAfter(...texts)).toEqual(done);
  });

  it.each([
    ['{"method":"GET","path":"/events","status":200}', { method: 'GET', path: '/events', status: 200 }],
    ['{"level":"warn"}', undefined],
    ['Warning: something', undefined],
  ])('are read from the log line %s', (line, expected) => {
    expect(answeredIn(line)).toEqual(expected);
  });
});

describe('the code that the guide shows', () => {
  const otpauthUri = 'otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  const facts = { person: { otpauthUri } } as GuideFacts;
  const textsAt = (at: number, spentStep: number) => momentOf(facts, NOTHING_DONE, spentStep, at).texts;

  it('is the one an authenticator app shows (RFC 6238 appendix B)', () => {
    expect(codeOf(otpauthUri, 59_000)).toEqual({ code: '287082', secondsLeft: 1 });
    expect(textsAt(59_000, 0)).toMatchObject({ code: '287082', 'code-note': 'Changes in 1 s' });
  });

  it('gives way to the time until the next one once it was used', () => {
    expect(textsAt(50_000, 1)).toMatchObject({ code: 'Used', 'code-note': 'The next code comes in 10 s' });
    expect(textsAt(60_000, 1).code).toMatch(/^\d{6}$/);
  });
});
