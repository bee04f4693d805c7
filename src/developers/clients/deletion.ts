import { actsFrozen } from '../../accounts/recovery/frozen.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { withdrawConsentsTo } from '../../tokens/consents.ts';
import { revokeGrantsOfClient } from '../../tokens/revocation.ts';
import { FROZEN } from '../frozen.ts';
import { obligeMembers } from '../organizations/oblige-members.ts';
import { type AppOf, holdApp, NO_APP } from './hold-app.ts';

export type Deletion = { readonly ok: true } | Refused<'client' | 'name' | 'frozen'>;

/**
 * Deletes an app whose name was typed, with its credentials and everything that anybody allowed it. Its tokens are dead
 * at their next use, its client ID is never given again.
 */
export async function deleteClient(
  platform: Platform,
  actor: Actor,
  { typedName, ...of }: AppOf & { readonly typedName: string },
): Promise<Deletion> {
  return inTransaction(platform, async (tx): Promise<Deletion> => {
    if (await actsFrozen(tx, actor)) return refused('frozen', FROZEN);
    const app = await holdApp(tx, of);
    if (!app) return NO_APP;
    if (typedName.normalize('NFKC').trim() !== app.name) {
      return refused('name', `That is not its name. Type ${app.name} exactly as it stands here.`);
    }
    const { id, organizationId, name } = app;
    const grants = await revokeGrantsOfClient(tx, id);
    const consents = await withdrawConsentsTo(tx, id);
    const now = tx.clock.now();
    await tx.db.access.updateMany({ where: { clientId: id, endedAt: null }, data: { endedAt: now } });
    await tx.db.invitation.updateMany({
      where: { clientId: id, organizationId, acceptedAt: null, declinedAt: null, withdrawnAt: null },
      data: { withdrawnAt: now },
    });
    await tx.db.accessRequest.updateMany({
      where: { clientId: id, outcome: null },
      data: { outcome: 'withdrawn', decidedAt: now },
    });
    await tx.db.clientSecret.deleteMany({ where: { holderId: id } });
    await tx.db.client.deleteMany({ where: { id, organizationId } });
    const target = { kind: 'client', id };
    const details = { organization: organizationId, name, grants, consents };
    await recordEvent(tx, actor, 'client.deleted', target, details);
    await obligeMembers(tx, actor, organizationId);
    return { ok: true };
  });
}
