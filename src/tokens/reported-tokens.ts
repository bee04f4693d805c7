import type { Platform } from '../platform/platform.ts';
import type { ArtifactKind } from './write-set.ts';

/** Whose a token was that somebody found in public. */
export interface ReportedToken {
  readonly clientId: string;
  readonly accountId: string | null;
  readonly grantId: string | null;
  /** What its owner calls it, where it is a personal access token. */
  readonly name: string | null;
}

/**
 * Ends a token and all that came of the same grant; a token without a grant ends alone. Part of the change that says so.
 * Undefined where nothing was left to end, so that a repeated report is no news.
 */
export async function endReportedToken(
  { db, clock }: Platform,
  kind: ArtifactKind,
  digest: Buffer<ArrayBuffer>,
): Promise<ReportedToken | undefined> {
  const now = clock.now();
  const found = await db.artifact.findFirst({
    where: { digest, kind, expiresAt: { gt: now } },
    select: { grantId: true, clientId: true },
  });
  if (!found) return undefined;
  const { grantId, clientId } = found;
  if (grantId === null) {
    const { count } = await db.artifact.deleteMany({ where: { digest, kind } });
    return count > 0 ? { clientId: clientId ?? '', accountId: null, grantId, name: null } : undefined;
  }
  const [grant] = await db.grant.updateManyAndReturn({
    where: { id: grantId, revokedAt: null, expiresAt: { gt: now } },
    data: { revokedAt: now },
    select: { clientId: true, accountId: true, name: true },
  });
  return grant && { ...grant, grantId };
}
