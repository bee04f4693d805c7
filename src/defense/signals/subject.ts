import { keyedDigest } from '../../platform/crypto/secrets.ts';
import type { Platform } from '../../platform/platform.ts';
import type { SignalName, SubjectKind } from './catalogue.ts';

/**
 * Whom a signal is about. The id of a client is its client_id, of an access `<client_id> <API id>`, of the others their
 * id. Of an address it is the address, of a network whatever stands for it: they are digested here and nowhere else.
 */
export interface Subject {
  readonly kind: SubjectKind;
  readonly id: string;
}

/** Stored as a network: all of them together. What strangers do to the whole installation is compared with a day of it. */
export const ALL_NETWORKS = 'all';

/** As it is stored: where people are behind it, nothing that can be read back or guessed without the key. */
export function storedSubject({ vault }: Pick<Platform, 'vault'>, { kind, id }: Subject): string {
  if (kind !== 'address' && kind !== 'network') return id;
  return keyedDigest(vault.secret('signal-subject'), kind, id).toString('base64url');
}

/**
 * One of the distinct others that a signal was about, as it is stored: the same one is another digest for another
 * subject. Accounts whose tokens were misused keep their ids, because who belongs together has to be found out.
 */
export function storedMember(
  { vault }: Pick<Platform, 'vault'>,
  subject: string,
  signal: SignalName,
  member: string,
): Buffer {
  if (signal === 'account-misuse') return Buffer.from(member.replaceAll('-', ''), 'hex');
  return keyedDigest(vault.secret('signal-subject'), 'member', subject, signal, member).subarray(0, 16);
}

/** The accounts behind members that keep their ids. */
export function accountOf(member: Buffer): string {
  return member.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
