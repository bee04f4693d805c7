import { type Actor, isOperator } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { startSuspension } from '../../defense/suspensions/start.ts';
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

/**
 * Stops an app at every read (decision 17) until it is resumed. Destroys nothing. A member's stop is a mark on the app;
 * an operator's is a suspension, which says why and waits for a human.
 */
export async function suspendClient(
  platform: Platform,
  actor: Actor,
  clientId: string,
  note?: string,
): Promise<SuspensionChange> {
  if (isOperator(actor)) return suspendByOperator(platform, actor, clientId, note);
  const data = { suspendedAt: platform.clock.now(), suspendedBy: actor.id ?? null };
  return changeSuspension(platform, actor, clientId, { where: { suspendedAt: null }, data });
}

async function suspendByOperator(
  platform: Platform,
  actor: Actor,
  clientId: string,
  note: string | undefined,
): Promise<SuspensionChange> {
  if (!(await findClient(platform, clientId))) return UNKNOWN;
  const started = await startSuspension(platform, actor, { kind: 'client', ids: { clientId }, note });
  return started.ok ? { ok: true, changed: started.change !== 'none' } : refused('client', started.sentence);
}

/**
 * Lets it go on. A member lifts what a member stopped, an operator also what an operator stopped with a mark, as earlier
 * releases did. A suspension is ended where suspensions are (defense/suspensions/end.ts).
 */
export async function resumeClient(
  platform: Platform,
  actor: Actor,
  clientId: string,
): Promise<SuspensionChange> {
  return changeSuspension(platform, actor, clientId, {
    where: isOperator(actor) ? { suspendedAt: { not: null } } : BY_MEMBER,
    data: { suspendedAt: null, suspendedBy: null },
  });
}

const UNKNOWN = refused('client', 'No app has this client ID.');
const BY_MEMBER = { suspendedAt: { not: null }, suspendedBy: { not: null } };
const BY_OPERATOR =
  'This app is suspended, and no member can let it go on. Its page of suspensions says why and until when.';

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
    if (!client) return UNKNOWN;
    const resuming = data.suspendedAt === null;
    if (resuming && client.suspensionId && !isOperator(actor)) return refused('operator', BY_OPERATOR);
    const { organizationId } = client;
    await holdOrganization(tx, organizationId);
    const { count } = await tx.db.client.updateMany({
      where: { id, organizationId, ...where },
      data: { ...data, updatedAt: tx.clock.now() },
    });
    if (count === 0 && resuming && client.suspendedAt) return refused('operator', BY_OPERATOR);
    if (count === 0) return { ok: true, changed: false };
    const action = resuming ? 'client.resumed' : 'client.suspended';
    await recordEvent(tx, actor, action, { kind: 'client', id });
    await obligeMembers(tx, actor, organizationId);
    return { ok: true, changed: true };
  });
}
