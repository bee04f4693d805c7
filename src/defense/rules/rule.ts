import type { AlertKind } from '../alerts.ts';
import type { SignalName, SubjectKind } from '../signals/catalogue.ts';

/** What the subject of a rule proved to be. Only that may be paused, and never more than it. */
export type Proof =
  /** A client by its own secret or key. */
  | 'own-credentials'
  /** The same, but what it sent may be what strangers brought to it: codes at a callback, tokens to be looked at. */
  | 'passed-on'
  /** Whoever holds a token of a person: its grant, then the account. */
  | 'token'
  /** Many people's tokens together. */
  | 'many-tokens'
  /** APIs that reported tokens meant for them. */
  | 'reports'
  /** Nothing: it came from there. */
  | 'address';

export interface Rule {
  readonly signals: readonly [SignalName, ...SignalName[]];
  /** On whom the signals are noted. */
  readonly subject: SubjectKind;
  readonly proof: Proof;
  /** What it leads to, at most: the ladder begins at the smallest function (defense/suspensions). */
  readonly pauses?: 'access' | 'client' | 'grant' | 'account';
  /** Begins there: pausing what writes alone would not stop it. */
  readonly exactly?: true;
  /** What it pauses nothing for, but tells operators of. */
  readonly alerts?: AlertKind;
  /** The running minute and those before it. */
  readonly minutes: number;
  /** How often within the window, counted from the last answer to it. */
  readonly times: number;
  /** How many distinct others, in the running hour and the one before. */
  readonly distinct?: number;
  /** So that who calls a lot is not taken for who misuses: the part of these calls that it must be. */
  readonly share?: { readonly of: SignalName; readonly atLeast: number };
  /** Of those it is about: how many must be unrelated to each other, and from how many networks. */
  readonly unrelated?: { readonly accounts: number; readonly networks: number };
  /** How many organizations without a member in common must have reported it. */
  readonly organizations?: number;
}
