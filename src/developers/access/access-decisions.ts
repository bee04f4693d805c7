import type { AccessRequest } from '../../../prisma/generated/client.ts';
import { actsFrozen } from '../../accounts/recovery/frozen.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { type ClientView, findClient } from '../clients/client.ts';
import { FROZEN } from '../frozen.ts';
import { addAccess } from './access.ts';
import { judgeNote } from './access-ends.ts';
import { tellAppOwners } from './access-letters.ts';
import { UNKNOWN_REQUEST } from './access-requests.ts';
import { type Api, findApiById } from '../apis/api.ts';
import { type Entitlement, type EntitlementFault, judgeEntitlement } from './entitlement.ts';

/** Which request of which API, and who decides. */
export interface RequestNamed {
  readonly id: string;
  readonly apiId: string;
  readonly accountId: string | null;
}

export type RequestDecided =
  | { readonly ok: true; readonly accessId?: string }
  | Refused<'request' | 'app' | 'note' | 'frozen' | EntitlementFault>;

/** Gives an app what it asked for, or less of it, for so many days. */
export async function approveRequest(
  platform: Platform,
  actor: Actor,
  { id, apiId, accountId, ...wish }: RequestNamed & Entitlement,
): Promise<RequestDecided> {
  return inTransaction(platform, async (tx): Promise<RequestDecided> => {
    if (await actsFrozen(tx, actor)) return refused('frozen', FROZEN);
    const request = await holdRequest(tx, { id, apiId });
    if (!request) return refused('request', UNKNOWN_REQUEST);
    const sides = await sidesOf(tx, request);
    if (!sides) return refused('app', 'This app is gone, or it left the trust domain of the API.');
    const scopes = wish.scopes.filter((name) => request.scopes.includes(name));
    const judged = await judgeEntitlement(tx, apiId, { ...wish, scopes }, { looked: true });
    if (!judged.ok) return judged;
    const { clientId, termsVersion } = request;
    const parties = { clientId, apiId, origin: 'request', originId: id, termsVersion } as const;
    const access = await addAccess(tx, actor, { ...parties, ...judged.entitlement });
    await decide(tx, actor, request, { outcome: 'approved', decidedBy: accountId });
    await tellAppOwners(tx, 'approved', sides);
    return { ok: true, accessId: access.id };
  });
}

/** Says no to a request that waits, with a note that its developers read. */
export async function refuseRequest(
  platform: Platform,
  actor: Actor,
  { note: raw, ...named }: RequestNamed & { readonly note: string },
): Promise<RequestDecided> {
  const note = judgeNote(raw);
  if (!note.ok) return note;
  return inTransaction(platform, async (tx): Promise<RequestDecided> => {
    const request = await holdRequest(tx, named);
    if (!request) return refused('request', UNKNOWN_REQUEST);
    const { accountId: decidedBy } = named;
    await decide(tx, actor, request, { outcome: 'refused', decidedBy, note: note.name || null });
    const sides = await sidesOf(tx, request);
    if (sides) await tellAppOwners(tx, 'refused', sides);
    return { ok: true };
  });
}

/** Waits for whoever decides or withdraws it at this moment, and then finds it decided. */
async function holdRequest(
  { db }: Platform,
  { id, apiId }: Pick<RequestNamed, 'id' | 'apiId'>,
): Promise<AccessRequest | undefined> {
  if (!UUID.test(id)) return undefined;
  await db.$executeRaw`SELECT FROM access_requests WHERE id = ${id}::uuid FOR UPDATE`;
  return (await db.accessRequest.findFirst({ where: { id, apiId, outcome: null } })) ?? undefined;
}

async function decide(
  tx: Platform,
  actor: Actor,
  { id, clientId, apiId }: AccessRequest,
  decision: { outcome: 'approved' | 'refused'; decidedBy: string | null; note?: string | null },
): Promise<void> {
  const data = { ...decision, decidedAt: tx.clock.now() };
  await tx.db.accessRequest.updateMany({ where: { id, outcome: null }, data });
  const details = { client: clientId, api: apiId, outcome: decision.outcome };
  await recordEvent(tx, actor, 'access-request.decided', { kind: 'access-request', id }, details);
}

async function sidesOf(
  tx: Platform,
  { clientId, apiId }: AccessRequest,
): Promise<{ client: ClientView; api: Api } | undefined> {
  const [client, api] = [await findClient(tx, clientId), await findApiById(tx, apiId)];
  return client && api && client.trustDomainId === api.trustDomainId ? { client, api } : undefined;
}
