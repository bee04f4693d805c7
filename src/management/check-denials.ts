import type { RouteVerdict } from '../developers/apis/gateway/judge-route.ts';
import { type Allowed, type TokenJudgement, whyNotHeld } from '../oidc/judge-token.ts';
import type { FoundToken } from '../oidc/presented-token.ts';
import type { Platform } from '../platform/platform.ts';
import { type Denial, deny, type LiveToken } from './check-answer.ts';

/** Dead, unknown, or for another API: whoever asks learns no more than that (RFC 6750 §3.1). */
export function ofToken(found: FoundToken): Denial {
  const sentence = 'The access token is not active here: it is unknown, has ended, or is for another API.';
  return deny(401, 'token-invalid', sentence, { challenge: { error: 'invalid_token' }, found });
}

export function ofScheme(found: LiveToken): Denial {
  const sentence = found.token.bound
    ? 'The access token is bound to a key. Send it as DPoP with a proof, not as Bearer.'
    : 'The access token is bound to no key. Send it as Bearer.';
  const challenge = { error: 'invalid_token', dpop: found.token.bound };
  return deny(401, 'proof-invalid', sentence, { challenge, found });
}

/** The token is sound, but what it stands for is not open to it now. */
export function ofAccess(
  { reason, refusal, api }: Extract<TokenJudgement, { ok: false }>,
  found: LiveToken,
): Denial {
  if (refusal) return deny(403, refusal.reason, refusal.sentence, { found });
  if (reason === 'weak-sign-in') {
    const sentence =
      'The API asks for a stronger sign-in. Send the person to the authorization endpoint again.';
    const challenge = { error: 'insufficient_user_authentication', acr: api?.minimumAcr ?? null };
    return deny(401, reason, sentence, { challenge, found });
  }
  if (reason === 'not-a-tester') {
    const sentence = 'This app is in development, and this person is neither a member nor a tester of it.';
    return deny(403, reason, sentence, { found });
  }
  if (reason === 'nothing-held') {
    const sentence = 'No scope of the access token holds at this API any more. Ask for a new token.';
    return deny(403, 'scope-not-held', sentence, { challenge: { error: 'insufficient_scope' }, found });
  }
  return ofToken(found);
}

/** Where a token carries the scope that is missing, the reason is why it does not hold. */
export async function ofRoute(
  platform: Platform,
  resource: string,
  found: LiveToken,
  { reason, sentence, scope }: Extract<RouteVerdict, { ok: false }>,
): Promise<Denial> {
  if (reason !== 'insufficient-scope') return deny(403, reason, sentence, { found });
  const lost = scope?.split(' ').find((name) => found.token.scopes.includes(name));
  const refusal = lost === undefined ? undefined : await whyNotHeld(platform, found.token, resource, lost);
  if (refusal) return deny(403, refusal.reason, refusal.sentence, { found });
  return deny(403, reason, sentence, { challenge: { error: 'insufficient_scope', scope }, found });
}

const DAY = 86_400;

export function ofPeople({ clock }: Platform, { api, peoplePerDay }: Allowed, found: LiveToken): Denial {
  const sentence = `This app may reach ${peoplePerDay} people a day (UTC) at ${api.identifier} and has done so today. Ask the owner of the API for more.`;
  const retryAfterSeconds = DAY - (Math.floor(clock.now().getTime() / 1000) % DAY);
  const limit = peoplePerDay ?? 0;
  const rate = {
    name: 'people',
    windowSeconds: DAY,
    limit,
    left: 0,
    resetSeconds: retryAfterSeconds,
  } as const;
  return deny(429, 'people-cap', sentence, { retryAfterSeconds, rate, found });
}
