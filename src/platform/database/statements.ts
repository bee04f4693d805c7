import type pg from 'pg';

/** A statement of the hot path: prepared once a connection under its name, never built from input. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Runs hot-path statements on the pool that the typed client uses too. One call is one statement and one commit. */
export interface Statements {
  run<Row extends pg.QueryResultRow>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
}

export function openStatements(pool: pg.Pool): Statements {
  return {
    async run<Row extends pg.QueryResultRow>({ name, text }: Statement, values: readonly unknown[]) {
      const { rows } = await pool.query<Row>({ name, text, values: values as unknown[] });
      return rows;
    },
  };
}
