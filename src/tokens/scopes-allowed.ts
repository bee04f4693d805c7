import type { Platform } from '../platform/platform.ts';

/** How many of the newest consents are looked at: enough to see every scope that is asked for at all. */
const NEWEST = 1_000;

/** The scope names that people allowed an app lately; undefined where nobody has allowed it anything. */
export async function scopesAllowed(
  { db }: Platform,
  clientId: string,
): Promise<ReadonlySet<string> | undefined> {
  const rows = await db.$queryRaw<{ name: string }[]>`
    SELECT DISTINCT unnest(c.scopes) AS name
      FROM (SELECT scopes FROM consents WHERE client_id = ${clientId} ORDER BY id DESC LIMIT ${NEWEST}) c`;
  return rows.length === 0 ? undefined : new Set(rows.map(({ name }) => name));
}
