import type { Platform } from '../../../platform/platform.ts';

/** How many secrets of an organization's apps and APIs that still work were made by this account, which saw them once. */
export async function knownSecretsOf(
  { db, clock }: Platform,
  { organizationId, accountId }: { organizationId: string; accountId: string },
): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM client_secrets s
     WHERE s.created_by = ${accountId}::uuid
       AND (s.expires_at IS NULL OR s.expires_at > ${clock.now()})
       AND (s.holder_id IN (SELECT id FROM clients WHERE organization_id = ${organizationId}::uuid)
         OR s.holder_id IN (SELECT client_id FROM apis WHERE organization_id = ${organizationId}::uuid))`;
  return row?.count ?? 0;
}
