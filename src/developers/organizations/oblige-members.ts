import { type ObligationKind, setObligations } from '../../accounts/obligations.ts';
import type { Actor } from '../../audit/actor.ts';
import type { Platform } from '../../platform/platform.ts';
import { holdOrganization } from './hold-organization.ts';

/**
 * Writes anew what an organization demands of its people: a second factor of every member, of owners that they stay, and
 * while an app of theirs is live, that nobody resets their factors by waiting. Part of every change of members or of apps.
 */
export async function obligeMembers(tx: Platform, actor: Actor, organizationId: string): Promise<void> {
  await holdOrganization(tx, organizationId);
  const members = await tx.db.organizationMember.findMany({
    where: { organizationId },
    orderBy: { accountId: 'asc' },
  });
  const live =
    (await tx.db.client.count({ where: { organizationId, suspendedAt: null, stage: 'live' } })) > 0;
  const demands = members.flatMap(({ accountId, role }) =>
    demandsOn(role, live).map((kind) => ({ accountId, kind })),
  );
  await setObligations(tx, actor, { source: `organization:${organizationId}`, demands });
}

function demandsOn(role: string, live: boolean): ObligationKind[] {
  if (role !== 'owner') return ['second-factor'];
  return live ? ['second-factor', 'hold-closing', 'no-slow-reset'] : ['second-factor', 'hold-closing'];
}
