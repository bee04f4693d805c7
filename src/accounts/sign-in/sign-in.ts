import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { noteKnownBrowser } from '../../defense/known-browsers.ts';
import { type CountedTry, countTry, handBackTry } from '../../defense/lockouts.ts';
import { type Stranger, strangerWith } from '../../defense/sign-in-watch/strangers.ts';
import {
  type CountedOthers,
  othersTriedSql,
  othersTriedValues,
  triedAccount,
} from '../../defense/sign-in-watch/tried-accounts.ts';
import type { WaitTicket } from '../../defense/sign-in-watch/wait-ticket.ts';
import type { IssuedSecret } from '../../platform/crypto/secrets.ts';
import type { Statement } from '../../platform/database/statements.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { findStanding, type Standing } from '../account.ts';
import { checkPassword } from '../credentials/password.ts';
import { cancelFactorReset } from '../recovery/factor-reset.ts';
import { beginSteadyAnswer } from '../steady-answer.ts';
import { type BegunSession, type LiveSession, type Origin, startSession } from '../sessions/sessions.ts';
import { type Completion, completeSession } from './complete-session.ts';
import { holdStranger, noteOutcome, turnAwayIfFull } from './hold-stranger.ts';
import { tellOfNewBrowser } from './sign-in-letters.ts';
import { isRealFactor } from './strength.ts';

export interface Credentials {
  readonly emailKey: string;
  readonly password: string;
  /** Value of the browser cookie, if the browser has one. */
  readonly browser: string | undefined;
  /** Value of the cookie by which a browser is spared the second factor. */
  readonly trusted?: string | undefined;
  /** The account that is signed in on this browser already. */
  readonly signedInAs?: string | undefined;
  /** The ticket of somebody who was told to wait. */
  readonly waitTicket?: string | undefined;
  readonly origin: Origin;
}

export type TooManyTries = {
  readonly ok: false;
  readonly reason: 'too-many-tries';
  readonly retryAfterSeconds: number;
};

/** Passwords are being tried in masses, and this browser is not known: its password was not looked at. */
export type MustWait = {
  readonly ok: false;
  readonly reason: 'must-wait';
  readonly retryAfterSeconds: number;
  readonly ticket?: WaitTicket | undefined;
};

export type SignInOutcome =
  | { readonly ok: true; readonly handle: BegunSession; readonly standing: Standing }
  | { readonly ok: false; readonly reason: 'wrong-credentials' }
  | MustWait
  | TooManyTries;

/**
 * What a half session has to prove next. An account is never enrolled anew past the factor it has; `none` where it has
 * none and needs none.
 */
export type NextStep = 'verification' | 'authenticator' | 'second-factor' | 'none';

export function nextStep({ account, hasSecondFactor, needsSecondFactor }: Standing): NextStep {
  if (!account.emailVerified) return 'verification';
  if (hasSecondFactor) return 'second-factor';
  return needsSecondFactor ? 'authenticator' : 'none';
}

/**
 * Checks the first factor and begins a half session. An unknown address takes the same statements, the same hash and
 * gets the same answer as a wrong password. The try is counted before the password is looked at and handed back on
 * success. Throws Refusal 'busy' when the line for hashing is full; such a try is handed back too.
 */
export async function signIn(platform: Platform, actor: Actor, input: Credentials): Promise<SignInOutcome> {
  const { emailKey: subject, browser } = input;
  turnAwayIfFull(platform, input);
  const least = beginSteadyAnswer();
  const { known, stranger } = await findPassword(platform, input);
  const visit = await holdStranger(platform, input, { stranger, accountId: known?.id });
  if (!visit.ok) return least.then(() => visit);
  const admission = await countTry(platform, { factor: 'password', subject, accountId: known?.id, browser });
  if (!admission.ok) {
    return { ok: false, reason: 'too-many-tries', retryAfterSeconds: admission.retryAfterSeconds };
  }
  const { counted } = admission;
  const { password } = input;
  const check = await checkPassword(platform, password, known?.phc ?? undefined, visit.asker).catch(
    handingBack(platform, counted),
  );
  const right = check.ok && known !== undefined;
  if (counted.by === 'subject') noteOutcome(platform, visit, { password, right });
  if (right) {
    // Before the transaction, so that no counter is locked while a reset, which forgets them, holds the password.
    await handBackTry(platform, counted);
    return inTransaction(platform, (tx) => passFirstFactor(tx, actor, { input, known, check }));
  }
  const details = { knownBrowser: counted.by === 'known-browser' };
  await recordEvent(platform, actor, 'sign-in.failed', { kind: 'account', id: known?.id ?? null }, details);
  return { ok: false, reason: 'wrong-credentials' };
}

function handingBack(platform: Platform, counted: CountedTry) {
  return async (fault: unknown): Promise<never> => {
    await handBackTry(platform, counted);
    throw fault;
  };
}

/** What a browser gets when the last factor is proven: its new session and, where it was not known yet, a new name. */
export interface SignedIn {
  readonly session: LiveSession;
  readonly handle: IssuedSecret;
  readonly browser: IssuedSecret | undefined;
  /** The value by which this browser is spared the second factor from now on. */
  readonly trusted?: IssuedSecret | undefined;
}

/** What completes a sign-in. `browser` is the value of the browser cookie, if there is one. */
export interface SignInCompletion extends Completion {
  readonly browser: string | undefined;
}

/**
 * Ends a sign-in in the open transaction: the session is completed and, after a real second factor, the browser known
 * from now on and a reset of the factors cancelled, because they are not lost. Undefined as completeSession() says.
 */
export async function completeSignIn(
  tx: Platform,
  actor: Actor,
  input: SignInCompletion,
): Promise<SignedIn | undefined> {
  const { accountId } = input.half;
  const known = isRealFactor(input.factor);
  if (known) await cancelFactorReset(tx, actor, { accountId, by: 'factor' });
  const completed = await completeSession(tx, actor, input);
  if (!completed) return undefined;
  const browser = known ? await noteKnownBrowser(tx, { accountId, browser: input.browser }) : undefined;
  await tellOfNewBrowser(tx, actor, { session: completed.session, factor: input.factor, browser });
  return { ...completed, browser };
}

interface StoredPassword {
  readonly id: string;
  readonly phc: string | null;
}

interface Found {
  readonly known: StoredPassword | undefined;
  readonly stranger: Stranger;
}

/** For known and unknown addresses alike, with what the watch knows of the network. */
const FIND_PASSWORD: Statement = {
  name: 'find_password',
  reads: true,
  text: `SELECT found.id, found.phc, others.* FROM (${othersTriedSql(2)}) others
    LEFT JOIN (SELECT accounts.id::text AS id, passwords.phc FROM accounts
      LEFT JOIN passwords ON passwords.account_id = accounts.id WHERE accounts.email_key = $1) found ON true`,
};

async function findPassword(platform: Platform, { emailKey, origin }: Credentials): Promise<Found> {
  const tried = triedAccount(platform, emailKey, origin.address);
  const values = [emailKey, ...othersTriedValues(platform, tried)];
  const [row] = await platform.sql.run<{ id: string | null; phc: string | null } & CountedOthers>(
    FIND_PASSWORD,
    values,
  );
  if (!row) throw new Error('a count without a row');
  const { id, phc } = row;
  return { known: id === null ? undefined : { id, phc }, stranger: strangerWith(platform, tried, row) };
}

async function passFirstFactor(
  tx: Platform,
  actor: Actor,
  passed: { input: Credentials; known: StoredPassword; check: { rehashed?: string } },
): Promise<SignInOutcome> {
  const { id: accountId, phc } = passed.known;
  const { rehashed } = passed.check;
  if (!(await stillStands(tx, passed.known))) return { ok: false, reason: 'wrong-credentials' };
  if (rehashed && phc) await replaceHash(tx, actor, { accountId, phc, rehashed });
  const standing = await findStanding(tx, accountId);
  if (!standing) return { ok: false, reason: 'wrong-credentials' };
  const handle = await startSession(tx, actor, { accountId, origin: passed.input.origin });
  return { ok: true, handle, standing };
}

/**
 * False where the password was replaced while its hash was computed. The lock waits for a reset that is under way and
 * makes a later one wait, so that an old password never opens a session behind the reset that ends them all.
 */
async function stillStands({ db }: Platform, { id, phc }: StoredPassword): Promise<boolean> {
  const rows = await db.$queryRaw<object[]>`
    SELECT 1 FROM passwords WHERE account_id = ${id}::uuid AND phc = ${phc} FOR SHARE`;
  return rows.length === 1;
}

/** The same password under today's parameters, unless it was changed meanwhile. */
async function replaceHash(
  tx: Platform,
  actor: Actor,
  { accountId, phc, rehashed }: { accountId: string; phc: string; rehashed: string },
): Promise<void> {
  const { count } = await tx.db.password.updateMany({ where: { accountId, phc }, data: { phc: rehashed } });
  if (count === 1) await recordEvent(tx, actor, 'password.rehashed', { kind: 'account', id: accountId });
}
