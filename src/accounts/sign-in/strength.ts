/** Authentication context classes, weakest first: password, password and second factor, phishing-resistant passkey. */
export const ACR_VALUES = ['aal1', 'aal2', 'phr'] as const;

export type Acr = (typeof ACR_VALUES)[number];

/** How strongly somebody proved who they are, as tokens say it (`acr`, and `amr` by RFC 8176). */
export interface Strength {
  readonly acr: Acr;
  readonly amr: readonly string[];
}

/** What completed a sign-in. A passkey stands alone, or follows the password as its second factor. */
export type CompletingFactor =
  | 'otp'
  | 'recovery-code'
  | 'passkey'
  | 'password-and-passkey'
  | 'trusted-browser'
  | 'none';

const STRENGTHS: Readonly<Record<CompletingFactor, Strength>> = {
  otp: { acr: 'aal2', amr: ['pwd', 'otp', 'mfa'] },
  'recovery-code': { acr: 'aal2', amr: ['pwd', 'mfa'] },
  passkey: { acr: 'phr', amr: ['pop', 'user', 'mfa'] },
  'password-and-passkey': { acr: 'phr', amr: ['pwd', 'pop', 'user', 'mfa'] },
  // A browser that is merely trusted proves nothing: it never raises acr or amr.
  'trusted-browser': { acr: 'aal1', amr: ['pwd'] },
  none: { acr: 'aal1', amr: ['pwd'] },
};

export function strengthOf(factor: CompletingFactor): Strength {
  return STRENGTHS[factor];
}

/** Whether a second factor was really proven, not merely spared. */
export function isRealFactor(factor: CompletingFactor): boolean {
  return STRENGTHS[factor].acr !== 'aal1';
}

export function reaches(acr: Acr, wanted: Acr): boolean {
  return ACR_VALUES.indexOf(acr) >= ACR_VALUES.indexOf(wanted);
}

/** A step-up (RFC 9470): more than the session had, asked for by `by` (a client id; null where it was our own page). */
export interface Raise extends Strength {
  readonly at: Date;
  readonly by: string | null;
}

/** Seconds for which others than the client that asked see a raised strength. */
export const RAISE_SECONDS = 300;

/** The strength of a session as one client may see it, or our own pages with `client` undefined. */
export function strengthFor(
  session: Strength & { readonly raise?: Raise | undefined },
  client: string | undefined,
  now: Date,
): Strength {
  const { raise } = session;
  const counts =
    raise && (raise.by === (client ?? null) || now.getTime() - raise.at.getTime() < RAISE_SECONDS * 1000);
  const { acr, amr } = counts ? raise : session;
  return { acr, amr };
}

/** What a session holds after its person authenticated again: see `afterwards`. */
export interface Outcome {
  readonly base: Strength;
  readonly raise?: Raise | undefined;
}

/**
 * Authenticating again in a standing session. As a step-up, more than before is kept apart from what the session had;
 * anything else is what the session is from now on, less included, because acr and auth_time speak of the same event.
 */
export function afterwards(
  before: Strength,
  proven: Strength,
  { stepUp, at }: { stepUp: { readonly by: string | null } | undefined; at: Date },
): Outcome {
  const more = reaches(proven.acr, before.acr) && proven.acr !== before.acr;
  if (stepUp && more) return { base: before, raise: { ...proven, at, by: stepUp.by } };
  return { base: proven };
}
