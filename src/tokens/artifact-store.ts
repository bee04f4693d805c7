import type { Statement } from '../platform/database/statements.ts';
import type { Platform } from '../platform/platform.ts';
import { isNotHeld } from './holds.ts';
import type { ArtifactKind } from './write-set.ts';

/** A grant as the store has it, live at the moment it was read. */
export interface FoundGrant {
  readonly id: string;
  readonly browserSessionId: string | null;
  readonly payload: Record<string, unknown>;
  readonly expiresAt: Date;
}

export interface FoundArtifact {
  readonly payload: Record<string, unknown>;
  readonly expiresAt: Date;
  /** Spent and not repeatable any more; a refresh token within its repeat window does not count as spent. */
  readonly spent: boolean;
  /** Null where the artifact belongs to no grant. */
  readonly grant: FoundGrant | null;
}

const FIND: Statement = {
  name: 'find_artifact',
  reads: true,
  text: `SELECT a.payload, a.expires_at, a.consumed_at, a.repeatable_until, a.grant_id,
      g.payload AS grant_payload, g.browser_session_id, g.expires_at AS grant_expires_at
    FROM artifacts a
    LEFT JOIN grants g ON g.id = a.grant_id AND g.revoked_at IS NULL AND g.expires_at > $3 AND ${isNotHeld('g', '$3')}
    WHERE a.digest = $1 AND a.kind = $2`,
};

/** An artifact that is worth nothing, because its grant has ended or is held by a suspension. Nothing but this is to be known of it. */
export interface EndedArtifact {
  readonly ended: true;
  readonly clientId: string | undefined;
  readonly grantId: string;
  readonly accountId: string | undefined;
  readonly spent: boolean;
}

/** One artifact with its grant, in one read. Undefined when there is none. */
export async function findArtifact(
  { sql, clock }: Platform,
  kind: ArtifactKind,
  digest: Buffer,
): Promise<FoundArtifact | EndedArtifact | undefined> {
  const now = clock.now();
  const [row] = await sql.run<ArtifactRecord>(FIND, [digest, kind, now]);
  if (!row) return undefined;
  const spent = row.consumed_at !== null && !(row.repeatable_until !== null && row.repeatable_until > now);
  if (row.grant_id !== null && row.grant_payload === null) {
    const { clientId, accountId } = row.payload as { clientId?: string; accountId?: string };
    return { ended: true, clientId, grantId: row.grant_id, accountId, spent };
  }
  return { payload: row.payload, expiresAt: row.expires_at, spent, grant: grantOf(row) };
}

function grantOf(row: ArtifactRecord): FoundGrant | null {
  const { grant_id: id, grant_payload: payload, grant_expires_at: expiresAt } = row;
  if (id === null || payload === null || expiresAt === null) return null;
  return { id, browserSessionId: row.browser_session_id, payload, expiresAt };
}

interface ArtifactRecord {
  payload: Record<string, unknown>;
  expires_at: Date;
  consumed_at: Date | null;
  repeatable_until: Date | null;
  grant_id: string | null;
  grant_payload: Record<string, unknown> | null;
  browser_session_id: string | null;
  grant_expires_at: Date | null;
}
