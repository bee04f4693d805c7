import type pg from 'pg';
import type { Lane } from './lane.ts';

/** A statement of the hot path: prepared once a connection under its name, never built from input. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** True for a plain read: it never waits for a lock and may share a connection with others. */
  readonly reads?: true;
}

/** Runs hot-path statements beside the typed client. One call is one statement and, where it writes, one commit. */
export interface Statements {
  run<Row extends pg.QueryResultRow>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
}

/** Writes go to the pool that the typed client uses too, reads to the lane. */
export function openStatements(pool: pg.Pool, lane: Lane): Statements {
  return {
    async run<Row extends pg.QueryResultRow>({ name, text, reads }: Statement, values: readonly unknown[]) {
      const query = { name, text, values: values as unknown[] };
      const { rows } = await (reads ? lane.query<Row>(query) : pool.query<Row>(query));
      return rows;
    },
  };
}
