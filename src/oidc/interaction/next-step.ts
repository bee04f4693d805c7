import type { LiveSession } from '../../accounts/sessions/sessions.ts';
import { type Acr, reaches } from '../../accounts/sign-in/strength.ts';
import { epochSeconds } from '../../platform/clock.ts';
import type { ClosedReason } from '../admission.ts';

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
  /** The strength that the request demands. */
  readonly wantedAcr?: Acr | undefined;
  /** The most that the person signed in could prove; known where `wantedAcr` asks for more than they did. */
  readonly strongestAcr?: Acr | undefined;
  /** With its strength as the client of this request may know it. */
  readonly session: LiveSession | undefined;
  /** Why the app is closed to whoever is signed in. */
  readonly closed?: ClosedReason | undefined;
}

export type NextStep =
  | ({ readonly step: 'sign-in' } & SignInWish)
  /** Signed in during this interaction, but not as the person the app asked for. */
  | { readonly step: 'wrong-account' }
  /** The person has no factor that is strong enough: they add one, or the app goes without. */
  | { readonly step: 'stronger-factor'; readonly acr: Acr }
  /** Nothing that the person signed in could do opens the app to them. */
  | { readonly step: 'closed'; readonly reason: ClosedReason }
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

/** Prove who you are. */
export interface SignInWish {
  /** Anew, after this moment (epoch milliseconds). */
  readonly freshAfter?: number;
  /** At least this strongly. */
  readonly acr?: Acr;
  /** As this account and no other: it is signed in already. */
  readonly accountId?: string;
  /** As somebody else. */
  readonly switchAccount?: true;
  /** The address to prefill. */
  readonly hint?: string;
}

/** The one place that decides what a person is asked next. Every step returns here and knows no other step. */
export function nextStep(facts: InteractionFacts): NextStep {
  const { prompt, session, hint, wantedAcr } = facts;
  const hinted = hint === undefined ? {} : { hint };
  if (!session) return { step: 'sign-in', ...hinted, ...(wantedAcr && { acr: wantedAcr }) };
  if (!facts.isHintedAccount) {
    const signedInHere = session.authenticatedAt.getTime() > (facts.signedInBefore ?? 0);
    return signedInHere ? { step: 'wrong-account' } : { step: 'sign-in', switchAccount: true, ...hinted };
  }
  if (prompt.name === 'admission') {
    // Open by now, or somebody else is signed in: the engine asks anew.
    return facts.closed ? { step: 'closed', reason: facts.closed } : answer(session);
  }
  if (prompt.name === 'consent') return { step: 'consent' };
  if (prompt.name !== 'login') return { step: 'unknown-prompt' };
  return stepUp(facts, session) ?? answer(session);
}

/** What the session lacks: it is too old, or too weak. One sign-in of the same person makes up for both. */
function stepUp(facts: InteractionFacts, session: LiveSession): NextStep | undefined {
  const { wantedAcr, strongestAcr } = facts;
  const { accountId } = session;
  const freshAfter = neededAfter(facts);
  const fresh = freshAfter === undefined || session.authenticatedAt.getTime() > freshAfter;
  const acr = wantedAcr !== undefined && !reaches(session.acr, wantedAcr) ? wantedAcr : undefined;
  if (acr && strongestAcr && !reaches(strongestAcr, acr)) return { step: 'stronger-factor', acr };
  if (fresh && !acr) return undefined;
  return { step: 'sign-in', accountId, ...(!fresh && { freshAfter }), ...(acr && { acr }) };
}

function answer({ accountId, acr, amr, authenticatedAt }: LiveSession): NextStep {
  return { step: 'answer', login: { accountId, acr, amr: [...amr], ts: epochSeconds(authenticatedAt) } };
}

/** prompt=login wants another sign-in than the one that stood before; max_age one that is recent enough now. */
function neededAfter({ prompt, signedInBefore, now, maxAge }: InteractionFacts): number | undefined {
  if (prompt.reasons.includes('login_prompt')) return signedInBefore;
  return prompt.reasons.includes('max_age') && maxAge !== undefined ? (now - maxAge) * 1000 - 1 : undefined;
}
