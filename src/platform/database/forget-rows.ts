import type { Platform } from '../platform.ts';

/** Which rows of a table are old: a condition on `$1`, the time before which they are, that an index answers. */
export interface OldRows {
  readonly table: string;
  readonly where: string;
}

/** Rows of one commit: nobody waits for it. */
export const BATCH = 5_000;

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
  return untilFew(async () => (await sql.run(statement, [before])).length);
}

/** Repeats what changes up to BATCH rows until fewer are left. Answers how many it changed. */
export async function untilFew(changeBatch: () => Promise<number>): Promise<number> {
  for (let all = 0; ; ) {
    const changed = await changeBatch();
    all += changed;
    if (changed < BATCH) return all;
  }
}
