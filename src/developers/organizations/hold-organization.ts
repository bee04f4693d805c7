import type { Platform } from '../../platform/platform.ts';

/**
 * Makes changes of one organization's people wait for each other until the transaction ends: each has to see what the
 * one before it left behind. Taken before any other row. False where there is no such organization.
 */
export async function holdOrganization({ db }: Platform, organizationId: string): Promise<boolean> {
  // Of the kind that the foreign keys of new apps and members do not wait for, or two of them would deadlock.
  return (
    (await db.$executeRaw`SELECT FROM organizations WHERE id = ${organizationId}::uuid FOR NO KEY UPDATE`) > 0
  );
}
