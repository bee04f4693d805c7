import { Prisma } from '../../prisma/generated/client.ts';

/**
 * Whether words of the name in `column` begin with the words of `wish`, in any order. Answered from the index on the
 * same expression, so a search reads what it finds and not every row. What has no word in it finds nothing.
 */
export function hasWordsOf(column: Prisma.Sql, wish: string): Prisma.Sql {
  return Prisma.sql`to_tsvector('simple', ${column}) @@ to_tsquery('simple', ${beginnings(wish)})`;
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
