import type pg from 'pg';

/** `protected`: the app's role may add and read audit entries and nothing else. `open`: it could change them. */
export type Protection = 'protected' | 'open';

/**
 * Lets the app's role read and write every table, but change or remove no audit entry and no record of migrations.
 * Runs only where something is missing, so an ordinary start writes nothing. The owner itself needs no grants.
 */
export async function grantToApp(owner: pg.Client, role: string): Promise<void> {
  const { rows } = await owner.query<{ own: boolean; complete: boolean }>(
    `SELECT current_user = $1 AS own,
            bool_and(has_table_privilege($1, oid, 'INSERT') OR relname = '_prisma_migrations') AS complete
       FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')`,
    [role],
  );
  const [found] = rows;
  if (!found || found.own || (found.complete && (await protectionOf(owner, role)) === 'protected')) return;
  const to = owner.escapeIdentifier(role);
  await owner.query(`
    BEGIN;
    GRANT USAGE ON SCHEMA public TO ${to};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${to};
    GRANT TRUNCATE ON request_log_0, request_log_1, request_log_2, request_log_3, request_log_4, request_log_5,
      request_log_6, request_log_7, request_log_8 TO ${to};
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ${to};
    REVOKE UPDATE, DELETE, TRUNCATE ON audit_events FROM ${to};
    REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON _prisma_migrations FROM ${to};
    COMMIT`);
}

/** Asked of the database instead of concluded from the settings: the role may own the tables, or be a superuser. */
export async function protectionOf(client: Pick<pg.Client, 'query'>, role: string): Promise<Protection> {
  const { rows } = await client.query<{ open: boolean }>(
    `SELECT has_table_privilege($1, 'audit_events', 'UPDATE')
         OR has_table_privilege($1, 'audit_events', 'DELETE')
         OR has_table_privilege($1, 'audit_events', 'TRUNCATE') AS open`,
    [role],
  );
  return rows[0]?.open === false ? 'protected' : 'open';
}
