import type { Statement } from '../platform/database/statements.ts';
import type { Platform } from '../platform/platform.ts';
import type { FoundGrant } from './artifact-store.ts';

const FIND: Statement = {
  name: 'find_grant',
  reads: true,
  text: `SELECT id, browser_session_id, payload FROM grants
    WHERE id = $1 AND revoked_at IS NULL AND expires_at > $2`,
};

/** A live grant by its id; undefined once it was revoked or has expired. */
export async function findGrant({ sql, clock }: Platform, id: string): Promise<FoundGrant | undefined> {
  const [row] = await sql.run<{
    id: string;
    browser_session_id: string | null;
    payload: Record<string, unknown>;
  }>(FIND, [id, clock.now()]);
  return row && { id: row.id, browserSessionId: row.browser_session_id, payload: row.payload };
}
