import type { Statements } from '../../platform/database/statements.ts';
import type { Platform } from '../../platform/platform.ts';
import { campaignNow } from './campaign.ts';
import { count } from './minutes.ts';
import { type PasswordPrefixes, watchPasswords } from './password-prefixes.ts';
import {
  clearTried,
  type CountedOthers,
  noteTried,
  othersTried,
  type TriedAccount,
} from './tried-accounts.ts';
import { strangersWait, USUAL_OTHERS } from './waits.ts';

/** Somebody at the sign-in page whom, so far, nothing tells from somebody who tries what he found. */
export interface Stranger {
  readonly tried: TriedAccount;
  /** At how many other accounts strangers of the same network failed or wait, now. */
  others(): number;
}

const passwords = new WeakMap<Statements, PasswordPrefixes>();
/** Networks that tried many accounts outside of a campaign, until the watch tells of them. */
const busy = new WeakMap<Statements, Set<string>>();
/** Accounts whose password somebody knows who does not have their second factor, with its failures of this day. */
const guessed = new WeakMap<Statements, Map<string, number>>();
/** So many a day are no mistyped codes any more. */
const GUESSES = 10;

/** `counted` is what othersTriedSql() found for this visit. */
export function strangerWith(platform: Platform, tried: TriedAccount, counted: CountedOthers): Stranger {
  return { tried, others: () => othersTried(platform, tried, counted) };
}

/**
 * Seconds that this stranger has to wait, counted from the first visit. Nothing outside of campaigns for all but busy
 * networks and sprayed passwords: one that is tried at account after account waits as its network would, wherever it
 * comes from. Whether it is right was not looked at.
 */
export function waitOf(platform: Platform, { tried, others }: Stranger, password: string): number {
  const sprayed = passwordsIn(platform.sql).others(password, tried.account);
  const campaign = campaignNow(platform) !== undefined;
  return strangersWait({ campaign, others: Math.max(others(), sprayed) });
}

/** The password was wrong, or is not looked at yet. */
export function noteVainTry(
  platform: Platform,
  stranger: Stranger,
  how: { password: string; wrong: boolean },
): void {
  const { account, narrow } = stranger.tried;
  const others = stranger.others();
  noteTried(platform, stranger.tried, others);
  // What one network does is answered by its own waits, and keeps no campaign going.
  if (others >= USUAL_OTHERS) busyIn(platform.sql).add(narrow);
  else count(platform, 'sign-in-strangers', { account });
  if (how.wrong) count(platform, 'sign-in-wrong', { account });
  const by = passwordsIn(platform.sql).note(how.password, account, platform.clock.now());
  if (by > 0) count(platform, 'sign-in-one-password', { by });
}

/** The password was right. */
export function noteRightPassword(platform: Platform, stranger: Stranger): void {
  clearTried(platform, stranger.tried);
  count(platform, 'sign-in-strangers', { account: stranger.tried.account });
}

/** The password was right and the second factor wrong, on a browser that the account does not know. */
export function noteWrongFactor(
  platform: Platform,
  { accountId, failures }: { accountId: string; failures: number },
): void {
  count(platform, 'second-factor-wrong', { account: accountId });
  if (failures < GUESSES) return;
  const accounts = guessed.get(platform.sql) ?? new Map<string, number>();
  guessed.set(platform.sql, accounts.set(accountId, failures));
}

/** The accounts whose second factor was guessed at since this was asked last, with the failures of this day. */
export function takeGuessedAccounts({ sql }: Platform): ReadonlyMap<string, number> {
  const accounts = guessed.get(sql) ?? new Map<string, number>();
  guessed.delete(sql);
  return accounts;
}

/** How many networks became busy since this was asked last. */
export function takeBusyNetworks({ sql }: Platform): number {
  const { size } = busyIn(sql);
  busy.delete(sql);
  return size;
}

function passwordsIn(sql: Statements): PasswordPrefixes {
  const watched = passwords.get(sql) ?? watchPasswords();
  passwords.set(sql, watched);
  return watched;
}

function busyIn(sql: Statements): Set<string> {
  const networks = busy.get(sql) ?? new Set();
  busy.set(sql, networks);
  return networks;
}
