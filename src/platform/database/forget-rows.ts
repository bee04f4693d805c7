import type { Platform } from '../platform.ts';

/** Which rows of a table are old: a condition on `$1`, the time before which they are, that an index answers. */
export interface OldRows {
  readonly table: string;
  readonly where: string;
}

/** Rows of one commit: nobody waits for it. */
const BATCH = 5_000;

/** Deletes old rows, some at a time; several processes may do so at once. Answers how many. */
export async function forgetRows(
  { sql }: Pick<Platform, 'sql'>,
  { table, where }: OldRows,
  before: Date | string,
): Promise<number> {
  const text = `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM ${table} WHERE ${where} LIMIT ${BATCH} FOR UPDATE SKIP LOCKED))
    RETURNING 1`;
  const statement = { name: `forget_${table}_${where.replace(/\W+/g, '_')}`.slice(0, 63), text };
  for (let forgotten = 0; ; ) {
    const { length } = await sql.run(statement, [before]);
    forgotten += length;
    if (length < BATCH) return forgotten;
  }
}
