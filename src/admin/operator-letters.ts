import { accountsNamed } from '../accounts/account.ts';
import { renderLetter } from '../platform/mail/letters.ts';
import { queueLetter } from '../platform/mail/outbox.ts';
import type { Platform } from '../platform/platform.ts';
import type { Words } from '../platform/words/text-keys.ts';
import { OPERATOR_ROLES, type OperatorRole } from './roles.ts';

/** What operators are told: no name, no address, nothing of a person; the page behind the link says the rest. */
export interface OperatorNews {
  readonly subject: Words;
  readonly what: Words;
  /** The page of the console that shows it, from its first slash. */
  readonly path: string;
}

/**
 * Writes to every operator, or to those of `roles`, and to `besides` (accounts that just ceased to be one). Part of the
 * change that is told; the console speaks English. Answers how many letters there were.
 */
export async function tellOperators(
  tx: Platform,
  { subject, what, path }: OperatorNews,
  {
    roles = OPERATOR_ROLES,
    besides = [],
  }: { readonly roles?: readonly OperatorRole[]; readonly besides?: readonly string[] } = {},
): Promise<number> {
  const rows = await tx.db.operator.findMany({ where: { role: { in: [...roles] } } });
  const readers = await accountsNamed(tx, [...rows.map(({ accountId }) => accountId), ...besides]);
  const data = { subject, what, address: `${tx.config.issuer}${path}` };
  for (const { email } of readers.values()) {
    await queueLetter(tx, { to: email, ...renderLetter(tx, 'operator-news', data, 'en') });
  }
  return readers.size;
}
