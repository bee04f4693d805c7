import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';

/** Somebody whom an app is about to reach at an API, where its access says how many that may be in a day. */
export interface Reached {
  readonly clientId: string;
  readonly apiId: string;
  readonly accountId: string;
  /** Distinct people a day (UTC). */
  readonly peoplePerDay: number;
}

/**
 * Whether an app may reach this person today: whoever was counted goes on, the next one is counted while there is room.
 * Exact over any number of processes. Only the first time takes statements; afterwards this process remembers.
 */
export async function reachPerson(platform: Platform, reached: Reached): Promise<boolean> {
  const day = dayOf(platform.clock.now());
  const memory = memoryOf(platform, day);
  const key = `${reached.clientId} ${reached.apiId} ${reached.accountId}`;
  if (memory.counted.has(key)) return true;
  if (performance.now() < (memory.refusedUntil.get(key) ?? 0)) return false;
  const counted = await countPerson(platform, day, reached);
  remember(memory, key, counted);
  return counted;
}

/** How many people each app reached at an API today, as far as a limit made us count: by client id. */
export async function peopleToday(
  { db, clock }: Platform,
  apiId: string,
  clientIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await db.accessDay.findMany({
    where: { apiId, day: dayOf(clock.now()), clientId: { in: [...clientIds] } },
  });
  return new Map(rows.map(({ clientId, people }) => [clientId, people]));
}

/** Job: whom an app reached on a day that is over is nobody's business. */
export async function forgetReachedPeople({ db, clock }: Platform): Promise<number> {
  const before = dayOf(new Date(clock.now().getTime() - DAY_MS));
  await db.accessDay.deleteMany({ where: { day: { lt: before } } });
  for (let forgotten = 0; ; ) {
    const count = await db.$executeRaw`
      DELETE FROM access_people WHERE (day, client_id, api_id, account_id) IN (
        SELECT day, client_id, api_id, account_id FROM access_people
         WHERE day < ${before}::date ORDER BY day LIMIT ${CHUNK})`;
    forgotten += count;
    if (count < CHUNK) return forgotten;
  }
}

/** Rows of one statement: nobody waits for it. */
const CHUNK = 10_000;

const DAY_MS = 86_400_000;

function dayOf(now: Date): Date {
  return new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS);
}

/**
 * One short transaction. Whoever counts the same person at once waits at their row, whoever counts another at the row of
 * the day; the last free place goes to one of them.
 */
async function countPerson(platform: Platform, day: Date, reached: Reached): Promise<boolean> {
  const { clientId, apiId, accountId, peoplePerDay } = reached;
  return inTransaction(platform, async ({ db }) => {
    const added = await db.$executeRaw`
      INSERT INTO access_people (day, client_id, api_id, account_id)
      VALUES (${day}::date, ${clientId}, ${apiId}::uuid, ${accountId}::uuid) ON CONFLICT DO NOTHING`;
    if (added === 0) return true;
    const counted = await db.$executeRaw`
      INSERT INTO access_days AS today (day, client_id, api_id, people)
      SELECT ${day}::date, ${clientId}, ${apiId}::uuid, 1 WHERE ${peoplePerDay}::integer > 0
      ON CONFLICT (day, client_id, api_id)
      DO UPDATE SET people = today.people + 1 WHERE today.people < ${peoplePerDay}::integer`;
    if (counted > 0) return true;
    await db.$executeRaw`
      DELETE FROM access_people WHERE day = ${day}::date AND client_id = ${clientId}
         AND api_id = ${apiId}::uuid AND account_id = ${accountId}::uuid`;
    return false;
  });
}

interface Memory {
  readonly day: number;
  readonly counted: Set<string>;
  /** By the clock of performance.now(): another process may have counted them meanwhile, or the limit be raised. */
  readonly refusedUntil: Map<string, number>;
}

const memories = new WeakMap<Platform['sql'], Memory>();

function memoryOf({ sql }: Platform, day: Date): Memory {
  const known = memories.get(sql);
  if (known?.day === day.getTime()) return known;
  const memory = { day: day.getTime(), counted: new Set<string>(), refusedUntil: new Map<string, number>() };
  memories.set(sql, memory);
  return memory;
}

/** Forgetting costs a statement each and changes nothing. */
const MOST_REMEMBERED = 100_000;
const REFUSED_MS = 500;

function remember({ counted, refusedUntil }: Memory, key: string, isCounted: boolean): void {
  if (counted.size >= MOST_REMEMBERED) counted.clear();
  if (refusedUntil.size >= MOST_REMEMBERED) refusedUntil.clear();
  refusedUntil.delete(key);
  if (isCounted) counted.add(key);
  else refusedUntil.set(key, performance.now() + REFUSED_MS);
}
