import { type LetterData, renderLetter } from '../platform/mail/letters.ts';
import { queueLetter } from '../platform/mail/outbox.ts';
import type { Platform } from '../platform/platform.ts';
import { membersAs } from './organizations/member-accounts.ts';
import type { Role } from './organizations/roles.ts';

/** A letter and what it is written from. Names in it come as unlinked() gives them. */
export interface News<Name extends keyof LetterData = keyof LetterData> {
  readonly letter: Name;
  readonly data: LetterData[Name];
}

/**
 * Tells the owners of an organization, or whoever has one of `roles` there, each in their own language. Part of the
 * change that is told. Answers how many letters there were.
 */
export async function tellOwners<Name extends keyof LetterData>(
  tx: Platform,
  organizationId: string,
  { letter, data }: News<Name>,
  roles: readonly Role[] = ['owner'],
): Promise<number> {
  const readers = await membersAs(tx, organizationId, roles);
  for (const { email, locale } of readers) {
    await queueLetter(tx, { to: email, ...renderLetter(tx, letter, data, locale) });
  }
  return readers.length;
}
