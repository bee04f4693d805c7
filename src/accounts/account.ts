import { type Account as AccountRow, Prisma } from '../../prisma/generated/client.ts';
import type { Actor } from '../audit/actor.ts';
import { recordEvent } from '../audit/trail.ts';
import type { Statement } from '../platform/database/statements.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { type Refused, refused } from '../platform/refused.ts';
import { inTransaction } from '../platform/transaction.ts';
import { inEnglish } from '../platform/words/english.ts';
import { type Address, normalizeAddress, normalizeName } from './addresses.ts';
import { judgeNewPassword } from './credentials/new-password.ts';
import { hashPassword } from './credentials/password.ts';
import { createConfirmedDevice } from './credentials/totp.ts';
import { type FactorPolicy, needsSecondFactor } from './policy.ts';
import { findHolder, holdAddresses } from './sign-up/reserved-addresses.ts';
import { joinAtSignUp } from './trust-domain-members.ts';
import { domainIdsOf } from './trust-domains.ts';

/** A person who can sign in, without anything secret. */
export interface Account {
  readonly id: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly name: string;
  readonly operator: boolean;
  /** The language of letters, where the person has chosen one. */
  readonly locale: string | null;
  readonly updatedAt: Date;
  /** Its owner is leaving: it is erased then, and apps cannot use it any more. */
  readonly closesAt: Date | null;
}

/** With the ids of the trust domains it belongs to: at least one. */
export interface FencedAccount extends Account {
  readonly trustDomains: readonly string[];
}

/** Whether somebody runs this installation, and so finds its console. */
export async function runsInstallation({ db }: Platform, id: string): Promise<boolean> {
  return (await db.account.count({ where: { id, operator: true } })) > 0;
}

/** What an operator gives for a new account. `totp` adds an active authenticator. */
export interface AccountInput {
  readonly email: string;
  readonly name: string;
  readonly password: string;
  readonly verified?: boolean | undefined;
  readonly operator?: boolean | undefined;
  readonly totp?: boolean | undefined;
}

export type CreatedAccount =
  | { readonly ok: true; readonly account: Account; readonly otpauthUri?: string }
  | Refused<AccountFault>;

type AccountFault = 'address-taken' | 'bad-address' | 'bad-name' | 'weak-password';

const FIND: Statement = {
  name: 'find_account',
  reads: true,
  text: `SELECT id, email, email_verified_at IS NOT NULL AS "emailVerified", name, operator, locale, updated_at AS "updatedAt",
      closes_at AS "closesAt", ${domainIdsOf('accounts.id')}::text[] AS "trustDomains"
    FROM accounts WHERE id = $1`,
};

/** By id; every token answered for a person asks for it, so it is a named statement. */
export async function findAccount({ sql }: Platform, id: string): Promise<FencedAccount | undefined> {
  const [row] = await sql.run<FencedAccount>(FIND, [id]);
  return row;
}

/** The account that signs in with this address, however it is spelled. */
export async function findAccountByAddress({ db }: Platform, raw: string): Promise<Account | undefined> {
  const address = normalizeAddress(raw);
  if (!address) return undefined;
  const row = await db.account.findUnique({ where: { emailKey: address.emailKey } });
  return row ? accountOf(row) : undefined;
}

/** Keeps an account from being erased until the transaction ends. False where there is none (any more). */
export async function holdAccount({ db }: Platform, id: string): Promise<boolean> {
  return (await db.$executeRaw`SELECT FROM accounts WHERE id = ${id}::uuid FOR KEY SHARE`) > 0;
}

/** How members of an organization see each other. */
export interface NamedAccount {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly locale: string | null;
}

/** Those of these accounts that there are, by id. */
export async function accountsNamed(
  { db }: Platform,
  ids: readonly string[],
): Promise<ReadonlyMap<string, NamedAccount>> {
  const rows = await db.account.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, name: true, email: true, locale: true },
  });
  return new Map(rows.map((row) => [row.id, row]));
}

/** Those of these accounts that there were before then. */
export async function accountsBefore(
  { db }: Platform,
  ids: readonly string[],
  before: Date,
): Promise<ReadonlySet<string>> {
  const where = { id: { in: [...ids] }, createdAt: { lt: before } };
  const rows = await db.account.findMany({ where, select: { id: true } });
  return new Set(rows.map(({ id }) => id));
}

/** What an account still has to prove before its sign-in is complete. */
export interface Standing {
  readonly account: Account;
  /** An authenticator app or a passkey. */
  readonly hasSecondFactor: boolean;
  readonly needsSecondFactor: boolean;
}

/** One statement. */
export async function findStanding(platform: Platform, accountId: string): Promise<Standing | undefined> {
  const [row] = await platform.db.$queryRaw<StandingRow[]>`
    SELECT id::text, email, email_verified_at IS NOT NULL AS "emailVerified", name, operator, locale,
      updated_at AS "updatedAt", closes_at AS "closesAt",
      EXISTS (SELECT FROM totp_devices t WHERE t.account_id = a.id AND t.confirmed_at IS NOT NULL)
        OR EXISTS (SELECT FROM passkeys p WHERE p.account_id = a.id) AS "hasSecondFactor",
      EXISTS (SELECT FROM obligations o WHERE o.account_id = a.id AND o.kind = 'second-factor') AS member,
      ARRAY(SELECT d.second_factor FROM trust_domains d WHERE d.id = ANY(${DOMAINS})) AS domains
    FROM accounts a WHERE id = ${accountId}::uuid`;
  if (!row) return undefined;
  const { hasSecondFactor, member, domains, ...account } = row;
  const needed = needsSecondFactor(platform, { operator: account.operator, member, domains });
  return { account, hasSecondFactor, needsSecondFactor: needed };
}

const DOMAINS = Prisma.raw(domainIdsOf('a.id'));

interface StandingRow extends Account {
  readonly hasSecondFactor: boolean;
  readonly member: boolean;
  readonly domains: readonly (FactorPolicy | null)[];
}

/**
 * Creates an account at an operator's word. With `totp` the otpauth URI of its authenticator is returned, once.
 * Throws Refusal 'busy' when the line for hashing is full.
 */
export async function createAccount(
  platform: Platform,
  actor: Actor,
  input: AccountInput,
): Promise<CreatedAccount> {
  const judged = await judgeInput(platform, input);
  if (!judged.ok) return judged;
  const { address, name } = judged;
  const phc = await hashPassword(platform, input.password);
  const { verified = false, operator = false, totp = false } = input;
  return inTransaction(platform, async (tx) => {
    const account = await insertAccount(tx, { address, name, phc, verified, operator });
    if (!account) return refused('address-taken', 'An account with this email already exists.');
    const { id, email } = account;
    const device = totp ? await createConfirmedDevice(tx, { accountId: id, email }) : undefined;
    await recordEvent(tx, actor, 'account.created', { kind: 'account', id }, { operator, verified, totp });
    await joinAtSignUp(tx, actor, { accountId: id, emailKey: address.emailKey });
    return { ok: true, account, ...(device && { otpauthUri: device.otpauthUri }) };
  });
}

async function judgeInput(
  platform: Platform,
  input: AccountInput,
): Promise<{ ok: true; address: Address; name: string } | Refused<AccountFault>> {
  const address = normalizeAddress(input.email);
  if (!address) return refused('bad-address', 'The email must look like name@example.com.');
  const name = normalizeName(input.name);
  if (name === undefined) return refused('bad-name', 'The name must have 1 to 100 visible characters.');
  const judgement = await judgeNewPassword(platform, input.password, { email: address.email, name });
  return judgement.ok ? { ok: true, address, name } : refused('weak-password', inEnglish(judgement.words));
}

/**
 * Writes an account and its password in the open transaction, unless the address is taken or kept for its owner: of two that arrive at
 * the same time one gets the account and the other undefined. The caller records the event.
 */
export async function insertAccount(
  platform: Platform,
  input: {
    address: Address;
    name: string;
    phc: string;
    verified: boolean;
    operator: boolean;
    locale?: string | null;
  },
): Promise<Account | undefined> {
  const { db, clock } = platform;
  const now = clock.now();
  const row = {
    id: newId(),
    ...input.address,
    name: input.name,
    emailVerifiedAt: input.verified ? now : null,
    operator: input.operator,
    locale: input.locale ?? null,
    closesAt: null,
    frozenUntil: null,
    createdAt: now,
    updatedAt: now,
  };
  await holdAddresses(platform, [input.address.emailKey]);
  if ((await findHolder(platform, input.address.emailKey)).taken) return undefined;
  const { count } = await db.account.createMany({ data: [row], skipDuplicates: true });
  if (count === 0) return undefined;
  await db.password.create({ data: { accountId: row.id, phc: input.phc, changedAt: now } });
  return accountOf(row);
}

function accountOf(row: AccountRow): Account {
  const { id, email, emailVerifiedAt, name, operator, locale, updatedAt, closesAt } = row;
  return { id, email, emailVerified: emailVerifiedAt !== null, name, operator, locale, updatedAt, closesAt };
}

/** Part of what the console decides: from then on the account needs a second factor, and no trusted browser spares it. */
export async function markOperator({ db, clock }: Platform, id: string, operator: boolean): Promise<void> {
  await db.account.updateMany({ where: { id }, data: { operator, updatedAt: clock.now() } });
}

/** Whether nothing that apps depend on may change for now, because the factors of this account were reset. */
export async function isFrozen({ db, clock }: Platform, accountId: string): Promise<boolean> {
  const frozen = { id: accountId, frozenUntil: { gt: clock.now() } };
  return (await db.account.count({ where: frozen })) > 0;
}
