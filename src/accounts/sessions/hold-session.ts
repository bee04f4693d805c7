import type { Platform } from '../../platform/platform.ts';

/**
 * True if the session has not ended. The lock waits for an end that is under way, so that what a session may do never
 * slips in behind a sign-out, a reset or a change elsewhere. Call it in the transaction of what the session does.
 */
export async function holdSession({ db }: Platform, sessionId: string): Promise<boolean> {
  const rows = await db.$queryRaw<object[]>`
    SELECT 1 FROM browser_sessions WHERE id = ${sessionId}::uuid AND ended_at IS NULL FOR SHARE`;
  return rows.length === 1;
}
