import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { holdOrganization } from '../organizations/hold-organization.ts';
import { obligeMembers } from '../organizations/oblige-members.ts';
import { findClient } from './client.ts';

/** `changed` is false where the app already was in the state asked for; nothing is recorded then. */
export type SuspensionChange =
  | { readonly ok: true; readonly changed: boolean }
  | Refused<'client' | 'operator'>;

/** Stops an app at every read (decision 17) until it is resumed. Destroys nothing. An operator's word replaces a member's. */
export async function suspendClient(
  platform: Platform,
  actor: Actor,
  clientId: string,
): Promise<SuspensionChange> {
  return changeSuspension(platform, actor, clientId, {
    where: actor.kind === 'account' ? { suspendedAt: null } : { OR: [{ suspendedAt: null }, BY_MEMBER] },
    data: {
      suspendedAt: platform.clock.now(),
      suspendedBy: actor.kind === 'account' ? actor.id : null,
    },
  });
}

/** Lets it go on. What an operator stopped, only an operator starts again. */
export async function resumeClient(
  platform: Platform,
  actor: Actor,
  clientId: string,
): Promise<SuspensionChange> {
  return changeSuspension(platform, actor, clientId, {
    where: actor.kind === 'account' ? BY_MEMBER : { suspendedAt: { not: null } },
    data: { suspendedAt: null, suspendedBy: null },
  });
}

const BY_MEMBER = { suspendedAt: { not: null }, suspendedBy: { not: null } };
const BY_OPERATOR = 'An operator of this service stopped the app. Only an operator can let it go on.';

async function changeSuspension(
  platform: Platform,
  actor: Actor,
  id: string,
  {
    where,
    data,
  }: { where: object; data: { readonly suspendedAt: Date | null; readonly suspendedBy: string | null } },
): Promise<SuspensionChange> {
  return inTransaction(platform, async (tx): Promise<SuspensionChange> => {
    const client = await findClient(tx, id);
    if (!client) return refused('client', 'No app has this client ID.');
    const { organizationId } = client;
    await holdOrganization(tx, organizationId);
    const { count } = await tx.db.client.updateMany({
      where: { id, organizationId, ...where },
      data: { ...data, updatedAt: tx.clock.now() },
    });
    const resuming = data.suspendedAt === null;
    if (count === 0 && resuming && client.suspendedAt) return refused('operator', BY_OPERATOR);
    if (count === 0) return { ok: true, changed: false };
    const action = resuming ? 'client.resumed' : 'client.suspended';
    await recordEvent(tx, actor, action, { kind: 'client', id });
    await obligeMembers(tx, actor, organizationId);
    return { ok: true, changed: true };
  });
}
