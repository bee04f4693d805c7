import { renderLetter } from '../../platform/mail/letters.ts';
import { queueLetter } from '../../platform/mail/outbox.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Words } from '../../platform/words/text-keys.ts';
import type { Account } from '../account.ts';

/** Whom a letter goes to, and in which language. */
type Recipient = Pick<Account, 'email' | 'locale'>;

/** What happened to the second factors of an account. */
export type FactorChange =
  | 'authenticator-added'
  | 'authenticator-removed'
  | 'passkey-added'
  | 'passkey-removed'
  | 'recovery-codes-made'
  | 'recovery-code-used'
  | 'reset-by-operator';

/** Tells the owner of an account that a factor changed, in the transaction that changed it (ASVS 6.3.7). */
export async function sendFactorChanged(
  tx: Platform,
  { account, change, name, left }: { account: Recipient; change: FactorChange; name?: string; left?: number },
): Promise<void> {
  const data = { what: inWords(change, { name, left }), methodsAddress: methodsAddress(tx) };
  await queueLetter(tx, { to: account.email, ...renderLetter(tx, 'factor-changed', data, account.locale) });
}

function inWords(change: FactorChange, { name = '', left = 0 }: { name?: string; left?: number }): Words {
  if (change === 'recovery-codes-made' || change === 'reset-by-operator')
    return `factor-letters.change-${change}`;
  if (change === 'recovery-code-used')
    return { key: 'factor-letters.change-recovery-code-used', values: { count: left } };
  return { key: `factor-letters.change-${change}`, values: { name } };
}

/** Somebody typed the right password and then a wrong second factor, in a browser the account does not know. */
export async function sendSecondFactorFailed(tx: Platform, account: Recipient): Promise<void> {
  const letter = renderLetter(
    tx,
    'second-factor-failed',
    { methodsAddress: methodsAddress(tx) },
    account.locale,
  );
  await queueLetter(tx, { to: account.email, ...letter });
}

/** An old value of a trusted browser was presented: somebody holds a copy of its cookies. */
export async function sendTrustedBrowserVoided(tx: Platform, account: Recipient): Promise<void> {
  const data = { sessionsAddress: new URL('/account/sessions', tx.config.issuer).href };
  const letter = renderLetter(tx, 'trusted-browser-voided', data, account.locale);
  await queueLetter(tx, { to: account.email, ...letter });
}

function methodsAddress({ config }: Platform): string {
  return new URL('/account/sign-in-methods', config.issuer).href;
}

/** The loudest of our letters: somebody says the second factor is lost, and whoever objects must do it in time. */
export async function sendResetWaiting(tx: Platform, account: Recipient, dueAt: Date): Promise<void> {
  const data = { dueAt, accountAddress: new URL('/account', tx.config.issuer).href };
  const letter = renderLetter(tx, 'factor-reset-waiting', data, account.locale);
  await queueLetter(tx, { to: account.email, ...letter });
}

export async function sendResetCancelled(tx: Platform, account: Recipient): Promise<void> {
  const letter = renderLetter(
    tx,
    'factor-reset-cancelled',
    { methodsAddress: methodsAddress(tx) },
    account.locale,
  );
  await queueLetter(tx, { to: account.email, ...letter });
}

/** `days`: for so long nothing that apps depend on may change. */
export async function sendResetCompleted(tx: Platform, account: Recipient, days: number): Promise<void> {
  const data = { days, methodsAddress: methodsAddress(tx) };
  const letter = renderLetter(tx, 'factor-reset-completed', data, account.locale);
  await queueLetter(tx, { to: account.email, ...letter });
}
