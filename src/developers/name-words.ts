import { Prisma } from '../../prisma/generated/client.ts';

/**
 * A query for the ids of rows whose name has words that begin like those of `wish`, in any order. What has no word in it
 * finds nothing. Materialized, so that they come from the index on this very expression: in the order of their ids the
 * planner would sooner read every row until a page is full.
 */
export function namedLike(table: 'organizations' | 'clients', wish: string): Prisma.Sql {
  return Prisma.sql`WITH named AS MATERIALIZED (
    SELECT id FROM ${Prisma.raw(table)} WHERE to_tsvector('simple', name) @@ to_tsquery('simple', ${beginnings(wish)})
  ) SELECT id FROM named`;
}

/** No name is longer, and PostgreSQL refuses words that are far longer. */
const LONGEST = 300;

/** Each word quoted, so that none of its signs is an operator of the query. */
function beginnings(wish: string): string {
  const words = wish
    .slice(0, LONGEST)
    .replaceAll('\u0000', '')
    .split(/\s+/)
    .filter((word) => word !== '');
  return words.map((word) => `'${word.replace(/['\\]/g, '$&$&')}':*`).join(' & ');
}
