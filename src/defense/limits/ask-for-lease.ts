import type { Statement } from '../../platform/database/statements.ts';
import type { Platform } from '../../platform/platform.ts';
import type { LimitName } from './catalogue.ts';

export interface LeaseWanted {
  readonly limit: LimitName;
  /** As it is stored. */
  readonly key: string;
  readonly windowAt: Date;
  /** What all processes together may take in the window. */
  readonly budget: number;
  readonly wanted: number;
}

export interface LeaseTaken {
  readonly taken: number;
  /** Nothing is left to be taken in this window. */
  readonly exhausted: boolean;
}

interface Waiting {
  readonly lease: LeaseWanted;
  readonly resolve: (taken: LeaseTaken) => void;
}

const waiting = new WeakMap<Platform['sql'], Waiting[]>();

/** While the database is away, a process gives out this share of what it asks for. */
const WITHOUT_DATABASE = 0.1;

/** Takes a share of a budget. Shares asked for at the same moment travel in one statement. Never throws. */
export function askForLease(platform: Platform, lease: LeaseWanted): Promise<LeaseTaken> {
  return new Promise((resolve) => {
    const others = waiting.get(platform.sql);
    if (others) {
      others.push({ lease, resolve });
      return;
    }
    const mine: Waiting[] = [{ lease, resolve }];
    waiting.set(platform.sql, mine);
    setImmediate(() => {
      waiting.delete(platform.sql);
      void takeAll(platform, mine);
    });
  });
}

async function takeAll(platform: Platform, all: readonly Waiting[]): Promise<void> {
  const asked = [...all].sort((a, b) => orderOf(a.lease, b.lease));
  // One statement changes a row once: what is asked for twice waits for the next one.
  const first = new Map(asked.toReversed().map((one) => [nameOf(one.lease), one]));
  const later = asked.filter((one) => first.get(nameOf(one.lease)) !== one);
  await take(
    platform,
    asked.filter((one) => !later.includes(one)),
  );
  if (later.length > 0) await takeAll(platform, later);
}

async function take(platform: Platform, asked: readonly Waiting[]): Promise<void> {
  const leases = asked.map(({ lease }) => lease);
  const rows = await platform.sql.run<TakenRow>(TAKE, columnsOf(leases)).catch(() => undefined);
  const found = new Map(
    rows?.map(({ limit, key, at, taken }) => [nameOf({ limit, key, windowAt: at }), taken]),
  );
  for (const { lease, resolve } of asked) {
    resolve(rows ? shareOf(lease, found.get(nameOf(lease))) : withoutDatabase(lease));
  }
}

interface TakenRow {
  readonly limit: string;
  readonly key: string;
  readonly at: Date;
  /** By everybody so far, this request included; the last one may have asked for more than there was. */
  readonly taken: number;
}

function shareOf({ wanted, budget }: LeaseWanted, taken: number | undefined): LeaseTaken {
  if (taken === undefined) return { taken: 0, exhausted: true };
  const before = taken - wanted;
  return { taken: Math.max(0, Math.min(wanted, budget - before)), exhausted: taken >= budget };
}

function withoutDatabase({ wanted }: LeaseWanted): LeaseTaken {
  return { taken: Math.max(1, Math.floor(wanted * WITHOUT_DATABASE)), exhausted: true };
}

/** Rows in the order of their keys, so that two processes never wait for each other crosswise. */
function orderOf(a: LeaseWanted, b: LeaseWanted): number {
  const [one, other] = [`${a.limit} ${a.key}`, `${b.limit} ${b.key}`];
  return one < other ? -1 : Number(one > other);
}

function nameOf({ limit, key, windowAt }: Pick<LeaseWanted, 'key' | 'windowAt'> & { limit: string }): string {
  return `${limit} ${key} ${windowAt.getTime()}`;
}

function columnsOf(leases: readonly LeaseWanted[]): unknown[] {
  return [
    leases.map(({ limit }) => limit),
    leases.map(({ key }) => key),
    leases.map(({ windowAt }) => windowAt),
    leases.map(({ wanted }) => wanted),
    leases.map(({ budget }) => budget),
  ];
}

/** Where everything is taken no row comes back, and the row stays as it is. */
const TAKE: Statement = {
  name: 'take_limit_leases',
  text: `
    WITH wanted AS (
      SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::int[], $5::int[])
        AS w ("limit", key, at, wanted, budget))
    INSERT INTO limit_leases AS l ("limit", key, window_at, taken)
    SELECT "limit", key, at, wanted FROM wanted
    ON CONFLICT ("limit", key, window_at) DO UPDATE SET taken = l.taken + excluded.taken
    WHERE l.taken < (SELECT w.budget FROM wanted w WHERE w."limit" = l."limit" AND w.key = l.key AND w.at = l.window_at)
    RETURNING l."limit", l.key, l.window_at AS at, l.taken`,
};
