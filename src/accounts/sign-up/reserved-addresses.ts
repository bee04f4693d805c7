import type { Platform } from '../../platform/platform.ts';

/**
 * Lets one transaction at a time decide who these addresses belong to. The unique index alone does not know of
 * addresses that are kept for their owner. Locks are taken in one order, so that two changes never wait for each other.
 */
export async function holdAddresses({ db }: Platform, emailKeys: readonly string[]): Promise<void> {
  for (const emailKey of [...new Set(emailKeys)].sort()) {
    await db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`address ${emailKey}`}, 0))`;
  }
}

/** Whose an address is, as far as anybody but them is concerned. */
export interface Holder {
  /** It belongs to an account, or is kept for one that may still take it back (see email-undo.ts). */
  readonly taken: boolean;
  /** The language of the account that uses it. */
  readonly locale: string | null;
}

/**
 * Who holds an address; `accountId` itself does not count, where given. A stranger is never told, and it is one
 * statement whatever the answer.
 */
export async function findHolder(
  { db, clock }: Platform,
  emailKey: string,
  accountId = NOBODY,
): Promise<Holder> {
  const now = clock.now().toISOString();
  const [row] = await db.$queryRaw<Holder[]>`
    SELECT EXISTS (SELECT FROM accounts WHERE email_key = ${emailKey} AND id <> ${accountId}::uuid)
      OR EXISTS (SELECT FROM email_changes WHERE old_email_key = ${emailKey} AND account_id <> ${accountId}::uuid
        AND undone_at IS NULL AND undo_until > ${now}::timestamptz) AS taken,
      (SELECT locale FROM accounts WHERE email_key = ${emailKey}) AS locale`;
  return row ?? { taken: false, locale: null };
}

const NOBODY = '00000000-0000-0000-0000-000000000000';
