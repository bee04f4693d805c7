import type { ApiOpening } from '../../../prisma/generated/client.ts';
import { actsFrozen } from '../../accounts/recovery/frozen.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { newId, UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { type ClientView, findClient } from '../clients/client.ts';
import { FROZEN } from '../frozen.ts';
import { findOrganization } from '../organizations/organization.ts';
import { addAccess } from './access.ts';
import { afterEnds, endAccessesOf } from './access-ends.ts';
import { tellAppOwners } from './access-letters.ts';
import { type Api, findApiById } from '../apis/api.ts';
import { type Entitlement, type EntitlementFault, judgeEntitlement } from './entitlement.ts';

/** To whom an API is opened: whoever takes it, whoever is approved, one organization, or one app. */
export const OPENING_KINDS = ['all', 'request', 'organization', 'app'] as const;
export type OpeningKind = (typeof OPENING_KINDS)[number];

export interface Opening extends Entitlement {
  readonly id: string;
  readonly kind: OpeningKind;
  /** The organization or app it is for, with its name. */
  readonly for: { readonly id: string; readonly name: string } | undefined;
  readonly createdAt: Date;
}

export interface NewOpening extends Entitlement {
  readonly apiId: string;
  /** Of the API. */
  readonly organizationId: string;
  readonly kind: OpeningKind;
  /** Of an opening for one organization its id, of one for an app the client id. */
  readonly forId?: string | undefined;
}

export type OpeningMade =
  | { readonly ok: true; readonly id: string }
  | Refused<'api' | 'for' | 'too-many' | 'frozen' | EntitlementFault>;

export const MOST_OPENINGS = 200;

/** Opens an API to others. An app that is named gets its access at once; everybody else takes it or asks for it. */
export async function makeOpening(
  platform: Platform,
  actor: Actor,
  { apiId, organizationId, kind, forId, ...wish }: NewOpening,
): Promise<OpeningMade> {
  return inTransaction(platform, async (tx): Promise<OpeningMade> => {
    if (await actsFrozen(tx, actor)) return refused('frozen', FROZEN);
    const api = await findApiById(tx, apiId);
    if (!api || api.organizationId !== organizationId) return refused('api', 'No API has this ID.');
    const judged = await judgeEntitlement(tx, apiId, wish, { looked: kind === 'request' });
    if (!judged.ok) return judged;
    const target = await judgeTarget(tx, api, kind, forId?.trim() ?? '');
    if (!target.ok) return target;
    if ((await tx.db.apiOpening.count({ where: { apiId, endedAt: null } })) >= MOST_OPENINGS) {
      return refused(
        'too-many',
        `An API has at most ${MOST_OPENINGS} openings. End one that is no longer needed.`,
      );
    }
    const { entitlement } = judged;
    const id = newId();
    const row = { id, apiId, kind, ...target.for, ...entitlement, scopes: [...entitlement.scopes] };
    await tx.db.apiOpening.create({ data: { ...row, createdAt: tx.clock.now() } });
    const details = { kind, scopes: row.scopes, days: row.days, for: forId ?? null };
    await recordEvent(tx, actor, 'api-opening.made', { kind: 'api', id: apiId }, details);
    if (target.client) await letAppIn(tx, actor, { api, client: target.client, openingId: id, entitlement });
    return { ok: true, id };
  });
}

type Target =
  | {
      readonly ok: true;
      readonly for: { organizationId?: string; clientId?: string };
      readonly client?: ClientView;
    }
  | Refused<'for'>;

async function judgeTarget(tx: Platform, api: Api, kind: OpeningKind, forId: string): Promise<Target> {
  if (kind === 'organization') {
    const organization = await findOrganization(tx, forId);
    if (!organization) {
      return refused(
        'for',
        'No organization has this ID. Its members find it in the settings of their organization.',
      );
    }
    return organization.id === api.organizationId
      ? refused('for', OWN)
      : { ok: true, for: { organizationId: organization.id } };
  }
  if (kind !== 'app') return { ok: true, for: {} };
  const client = await findClient(tx, forId);
  if (!client)
    return refused('for', 'No app has this client ID. It begins with app_, such as app_7k2m9x4w….');
  if (client.organizationId === api.organizationId && !client.sponsored) return refused('for', OWN);
  if (client.trustDomainId !== api.trustDomainId) {
    return refused('for', 'That app is of another trust domain, from which nobody gets to this API.');
  }
  return { ok: true, for: { clientId: client.id }, client };
}

const OWN = 'Your own apps use this API without that. Name another organization or app.';

/** Terms are accepted by the app's owners later, before they are due. */
async function letAppIn(
  tx: Platform,
  actor: Actor,
  of: { api: Api; client: ClientView; openingId: string; entitlement: Entitlement },
): Promise<void> {
  const { api, client, openingId, entitlement } = of;
  const parties = { clientId: client.id, apiId: api.id, originId: openingId };
  await addAccess(tx, actor, { ...parties, ...entitlement, origin: 'list', termsVersion: 0 });
  await tellAppOwners(tx, 'given', { client, api });
}

export type OpeningEnd = { readonly ok: true; readonly accessesEnded: number } | Refused<'opening'>;

/** Ends an opening and every access that came of it. Whoever takes one at this moment waits, and finds it ended. */
export async function endOpening(
  platform: Platform,
  actor: Actor,
  { id, apiId }: { id: string; apiId: string },
): Promise<OpeningEnd> {
  const api = UUID.test(id) ? await findApiById(platform, apiId) : undefined;
  if (!api) return refused('opening', UNKNOWN);
  const ended = await inTransaction(platform, async (tx) => {
    const { count } = await tx.db.apiOpening.updateMany({
      where: { id, apiId, endedAt: null },
      data: { endedAt: tx.clock.now() },
    });
    if (count === 0) return undefined;
    const accesses = await endAccessesOf(tx, actor, { apiId, originId: id });
    const details = { opening: id, accessesEnded: accesses.length };
    await recordEvent(tx, actor, 'api-opening.ended', { kind: 'api', id: apiId }, details);
    return accesses;
  });
  if (!ended) return refused('opening', UNKNOWN);
  await afterEnds(platform, api, ended);
  return { ok: true, accessesEnded: ended.length };
}

const UNKNOWN = 'There is no opening with this ID that still stands.';

/** How an API is open now, the newest first. */
export async function listOpenings(platform: Platform, apiId: string): Promise<Opening[]> {
  const rows = await platform.db.apiOpening.findMany({
    where: { apiId, endedAt: null },
    orderBy: { id: 'desc' },
    take: MOST_OPENINGS,
  });
  return Promise.all(rows.map(async (row) => openingOf(row, await nameOf(platform, row))));
}

/** How many accesses came of each opening and still live, by its id. */
export async function accessesByOpening(
  { db, clock }: Platform,
  apiId: string,
): Promise<ReadonlyMap<string, number>> {
  const now = clock.now();
  const rows = await db.$queryRaw<{ id: string; count: number }[]>`
    SELECT origin_id AS id, count(*)::int AS count FROM accesses
     WHERE api_id = ${apiId}::uuid AND origin IN ('open', 'list') AND ended_at IS NULL
       AND (until IS NULL OR until > ${now}) GROUP BY origin_id`;
  return new Map(rows.map(({ id, count }) => [id, count]));
}

export function openingOf(row: ApiOpening, name?: string): Opening {
  const { id, scopes, days, peoplePerDay, requestsPerMinute, createdAt } = row;
  const forId = row.organizationId ?? row.clientId;
  return {
    ...{ id, scopes, days, peoplePerDay, requestsPerMinute, createdAt },
    kind: row.kind as OpeningKind,
    for: forId === null ? undefined : { id: forId, name: name ?? forId },
  };
}

async function nameOf(platform: Platform, { organizationId, clientId }: ApiOpening) {
  if (organizationId) return (await findOrganization(platform, organizationId))?.name;
  return clientId ? (await findClient(platform, clientId))?.name : undefined;
}
