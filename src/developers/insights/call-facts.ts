import type { AccessRefusal } from '../access/decide-access.ts';

/** A name and its value as they were sent; masked where the value could be a secret. */
export type Field = readonly [name: string, value: string];

/** How the caller tried to prove that it is the client. */
export type AuthTried = 'basic' | 'post' | 'assertion' | 'none';

/** What a code or token that the call presented turned out to be. */
export type ArtifactState = 'sound' | 'unknown' | 'spent' | 'ended' | 'expired' | 'of-another-client';

/** Why an API was told that a token is not active. */
export type InactiveReason = 'other-audience' | 'no-access' | 'jwt' | 'ended';

/** One call as the inspector shows it and the diagnosis reads it: what was asked and answered, secrets masked. */
export interface CallFacts {
  readonly method: string;
  readonly path: string;
  /** The caller's network: a /24 or /48, never an address. */
  readonly from: string;
  readonly headers: readonly Field[];
  readonly params: readonly Field[];
  readonly answer: readonly Field[];
  /** The person, as the subject that this app or API itself sees. */
  readonly subject?: string;
  /** What the answer says of the error, and what it does not say. */
  readonly description?: string;
  readonly detail?: string;
  readonly auth: AuthTried;
  /** How the client is registered. */
  readonly client?: { readonly type: string; readonly authMethod: string };
  /** The registered redirect URIs, where the call named another; the nearest first. */
  readonly redirectUris?: readonly string[];
  readonly artifact?: { readonly kind: string; readonly state: ArtifactState };
  /** Why the access decision went against the client (decide-access.ts). */
  readonly access?: AccessRefusal;
  readonly inactive?: InactiveReason;
  /** A person was asked to sign in or to decide; the end of it is a call of its own. */
  readonly pending?: true;
  /** The client is suspended, so that the protocol treats it as unknown. */
  readonly suspended?: true;
}
