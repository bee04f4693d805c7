import { keyedDigest } from '../../platform/crypto/secrets.ts';
import type { Statement, Statements } from '../../platform/database/statements.ts';
import type { Platform } from '../../platform/platform.ts';
import { networksOf } from '../../platform/web/networks.ts';

/** A try at an account from a network, both as keyed digests: no address of a person or a network is kept. */
export interface TriedAccount {
  readonly account: string;
  /** Subjects of signal_members: the narrow network and the wide one. */
  readonly narrow: string;
  readonly wide: string;
}

/** What this process has not written yet: accounts by network, tried in vain or got into after all. */
interface Waiting {
  readonly tried: Map<string, Set<string>>;
  readonly cleared: Map<string, Set<string>>;
  size: number;
}

const SIGNAL = 'sign-in-tried';
const HOUR = 3_600_000;
const MOST_WAITING = 100_000;
/** Of a network that tried so many accounts no more are kept: what follows from it is the same. */
const ENOUGH = 60;
/** A wide network counts for as much as a narrow one when it tried so many times the accounts. */
const WIDE_SHARE = 8;

const collected = new WeakMap<Statements, Waiting>();

/** `subject` is the name that was typed, whether or not an account has it. */
export function triedAccount({ vault }: Platform, subject: string, address: string): TriedAccount {
  const { narrow, wide } = networksOf(address);
  const digest = (...parts: string[]) =>
    keyedDigest(vault.secret('lockout-subject'), 'sign-in-watch', ...parts);
  return {
    account: digest('account', subject).subarray(0, 8).toString('hex'),
    narrow: `address ${digest('narrow', narrow).subarray(0, 16).toString('base64url')}`,
    wide: `network ${digest('wide', wide).subarray(0, 16).toString('base64url')}`,
  };
}

/**
 * In SQL, with the four parameters of othersTriedValues() from `$first` on: at how many other accounts strangers of the
 * same network failed, or are waiting, in this hour and the last, in all processes as of a second ago.
 */
export function othersTriedSql(first: number): string {
  const [narrow, wide, since, own] = [0, 1, 2, 3].map((n) => `$${first + n}`);
  return `SELECT count(DISTINCT member) FILTER (WHERE subject_kind = 'address')::int AS narrow,
      count(DISTINCT member) FILTER (WHERE subject_kind = 'network')::int AS wide
    FROM signal_members
    WHERE ((subject_kind = 'address' AND subject = ${narrow}) OR (subject_kind = 'network' AND subject = ${wide}))
      AND signal = '${SIGNAL}' AND hour >= ${since} AND member <> ${own}`;
}

export function othersTriedValues({ clock }: Platform, { narrow, wide, account }: TriedAccount): unknown[] {
  const since = new Date(hourOf(clock.now()) - HOUR);
  return [subjectOf(narrow), subjectOf(wide), since, Buffer.from(account, 'hex')];
}

export interface CountedOthers {
  readonly narrow: number;
  readonly wide: number;
}

/** What was counted there, and what this process has not written yet. */
export function othersTried({ sql }: Platform, tried: TriedAccount, counted: CountedOthers): number {
  const here = (network: string) => {
    const accounts = waitingOf(sql).tried.get(network);
    return accounts ? accounts.size - (accounts.has(tried.account) ? 1 : 0) : 0;
  };
  const wide = counted.wide + here(tried.wide);
  return Math.max(counted.narrow + here(tried.narrow), Math.floor(wide / WIDE_SHARE));
}

/** A stranger tried an account in vain, or waits to. `others` as othersTried() counted. */
export function noteTried({ sql }: Platform, tried: TriedAccount, others: number): void {
  const waiting = waitingOf(sql);
  if (others >= ENOUGH || waiting.size >= MOST_WAITING) return;
  for (const network of [tried.narrow, tried.wide]) add(waiting, waiting.tried, network, tried.account);
}

/** The password was right after all: its owner mistyped it, or waited as told. */
export function clearTried({ sql }: Platform, tried: TriedAccount): void {
  const waiting = waitingOf(sql);
  if (waiting.size >= MOST_WAITING) return;
  for (const network of [tried.narrow, tried.wide]) {
    waiting.tried.get(network)?.delete(tried.account);
    add(waiting, waiting.cleared, network, tried.account);
  }
}

/** Rows in the order of their keys, so that two processes never wait for each other crosswise. */
const ROWS = `unnest($1::text[], $2::text[], $3::text[]) AS n (kind, subject, member)`;

const WRITE: Statement = {
  name: 'write_tried_accounts',
  text: `INSERT INTO signal_members (hour, subject_kind, subject, signal, member)
    SELECT $4, kind, subject, '${SIGNAL}', decode(member, 'hex') FROM ${ROWS} ORDER BY kind, subject, member
    ON CONFLICT DO NOTHING`,
};

const CLEAR: Statement = {
  name: 'clear_tried_accounts',
  text: `DELETE FROM signal_members m USING ${ROWS}
    WHERE m.subject_kind = n.kind AND m.subject = n.subject AND m.signal = '${SIGNAL}' AND m.hour >= $4
      AND m.member = decode(n.member, 'hex')`,
};

/** What was collected is written; a crash or a database that is away loses a second of it. */
export async function writeTried({ sql, clock }: Platform): Promise<void> {
  const { tried, cleared } = waitingOf(sql);
  collected.delete(sql);
  const hour = hourOf(clock.now());
  if (tried.size > 0) await sql.run(WRITE, [...columnsOf(tried), new Date(hour)]);
  if (cleared.size > 0) await sql.run(CLEAR, [...columnsOf(cleared), new Date(hour - HOUR)]);
}

function columnsOf(networks: ReadonlyMap<string, ReadonlySet<string>>): [string[], string[], string[]] {
  const rows = [...networks].flatMap(([network, accounts]) =>
    [...accounts].map((one) => [network, one] as const),
  );
  return [
    rows.map(([network]) => kindOf(network)),
    rows.map(([network]) => subjectOf(network)),
    rows.map(([, account]) => account),
  ];
}

function waitingOf(sql: Statements): Waiting {
  let waiting = collected.get(sql);
  if (!waiting) {
    waiting = { tried: new Map(), cleared: new Map(), size: 0 };
    collected.set(sql, waiting);
  }
  return waiting;
}

function add(waiting: Waiting, to: Map<string, Set<string>>, network: string, account: string): void {
  const accounts = to.get(network) ?? new Set();
  to.set(network, accounts.add(account));
  waiting.size += 1;
}

function kindOf(network: string): string {
  return network.slice(0, network.indexOf(' '));
}

function subjectOf(network: string): string {
  return network.slice(network.indexOf(' ') + 1);
}

function hourOf(at: Date): number {
  return at.getTime() - (at.getTime() % HOUR);
}
