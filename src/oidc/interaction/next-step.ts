import type { LiveSession } from '../../accounts/sessions.ts';
import { epochSeconds } from '../../platform/clock.ts';

/** What the dispatcher knows of an interaction, as plain data. */
export interface InteractionFacts {
  /** What the engine wants resolved, with the names of the checks that failed. */
  readonly prompt: { readonly name: string; readonly reasons: readonly string[] };
  /**
   * When whoever was signed in as the interaction began had authenticated, in milliseconds since the epoch: only a
   * later sign-in was made for it. Undefined where nobody was signed in.
   */
  readonly signedInBefore: number | undefined;
  /** Now, in seconds since the epoch. */
  readonly now: number;
  /** max_age of the request, in seconds. */
  readonly maxAge?: number | undefined;
  /** login_hint of the request. */
  readonly hint?: string | undefined;
  /** False when the request names a person by id_token_hint and somebody else is signed in. */
  readonly isHintedAccount: boolean;
  readonly session: LiveSession | undefined;
}

export type NextStep =
  /** Prove who you are: anew after `freshAfter` (epoch milliseconds) where given, as somebody else with `switchAccount`. */
  | {
      readonly step: 'sign-in';
      readonly freshAfter?: number;
      readonly switchAccount?: true;
      readonly hint?: string;
    }
  /** Signed in during this interaction, but not as the person the app asked for. */
  | { readonly step: 'wrong-account' }
  | { readonly step: 'consent' }
  /** The engine's question is answered. */
  | { readonly step: 'answer'; readonly login: LoginResult }
  /** The engine asks for something this service does not know. */
  | { readonly step: 'unknown-prompt' };

export interface LoginResult {
  readonly accountId: string;
  readonly acr: string;
  readonly amr: string[];
  /** When the person authenticated, in seconds since the epoch. */
  readonly ts: number;
}

/** The one place that decides what a person is asked next. Every step returns here and knows no other step. */
export function nextStep(facts: InteractionFacts): NextStep {
  const { prompt, session, hint } = facts;
  const hinted = hint === undefined ? {} : { hint };
  if (!session) return { step: 'sign-in', ...hinted };
  const authenticatedAt = session.authenticatedAt.getTime();
  if (!facts.isHintedAccount) {
    const signedInHere = authenticatedAt > (facts.signedInBefore ?? 0);
    return signedInHere ? { step: 'wrong-account' } : { step: 'sign-in', switchAccount: true, ...hinted };
  }
  if (prompt.name === 'consent') return { step: 'consent' };
  if (prompt.name !== 'login') return { step: 'unknown-prompt' };
  const freshAfter = neededAfter(facts);
  if (freshAfter !== undefined && authenticatedAt <= freshAfter)
    return { step: 'sign-in', freshAfter, ...hinted };
  const { accountId, acr, amr } = session;
  const ts = epochSeconds(session.authenticatedAt);
  return { step: 'answer', login: { accountId, acr, amr: [...amr], ts } };
}

/** prompt=login wants another sign-in than the one that stood before; max_age one that is recent enough now. */
function neededAfter({ prompt, signedInBefore, now, maxAge }: InteractionFacts): number | undefined {
  if (prompt.reasons.includes('login_prompt')) return signedInBefore;
  return prompt.reasons.includes('max_age') && maxAge !== undefined ? (now - maxAge) * 1000 - 1 : undefined;
}
