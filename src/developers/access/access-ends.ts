import type { Access } from '../../../prisma/generated/client.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvents } from '../../audit/trail.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { endGrantsForApi, type Reach, reachOf } from '../../tokens/reach.ts';
import { type ClientView, findClient, findClients } from '../clients/client.ts';
import { cleanName } from '../names.ts';
import { tellAppOwners } from './access-letters.ts';
import { type Api, findApiById } from '../apis/api.ts';
import { normalizeIdentifier } from '../apis/identifier.ts';

/** Which access, and whose it has to be: of this API, or of this app. An operator names neither. */
export interface AccessNamed {
  readonly id: string;
  readonly apiId?: string;
  readonly clientId?: string;
}

export const UNKNOWN_ACCESS = 'There is no access with this ID that is still live.';

/** What is live has neither been ended nor run out. */
export function liveAt(now: Date) {
  return { endedAt: null, OR: [{ until: null }, { until: { gt: now } }] };
}

export type AccessEnd =
  | { readonly ok: true; readonly ended: readonly string[]; readonly connectionsEnded: number }
  | Refused<'access' | 'note'>;

/**
 * Ends an access, and with `all` every other one of that app at that API. Tokens stop within a second, because every
 * refresh and introspection asks decideAccess; where the app has nothing left there, grants that held nothing else end.
 * The owners of the app are told, unless they did it themselves.
 */
export async function endAccess(
  platform: Platform,
  actor: Actor,
  { note: raw = '', all = false, ...named }: AccessNamed & { note?: string | undefined; all?: boolean },
): Promise<AccessEnd> {
  const note = judgeNote(raw);
  if (!note.ok) return note;
  if (!UUID.test(named.id)) return refused('access', UNKNOWN_ACCESS);
  return inTransaction(platform, async (tx): Promise<AccessEnd> => {
    const now = tx.clock.now();
    const live = liveAt(now);
    // Given back by the app itself it has run out as well, which tells it from one that was taken away (refuseAgain).
    const givenBack = named.clientId !== undefined;
    const data = { endedAt: now, endNote: note.name || null, ...(givenBack && { until: now }) };
    const [access] = await tx.db.access.updateManyAndReturn({ where: { ...named, ...live }, data });
    if (!access) return refused('access', UNKNOWN_ACCESS);
    const { clientId, apiId } = access;
    const others = all
      ? await tx.db.access.updateManyAndReturn({ where: { clientId, apiId, ...live }, data })
      : [];
    const ended = [access, ...others];
    await recordEnds(tx, actor, ended);
    const [api, client] = [await findApiById(tx, apiId), await findClient(tx, clientId)];
    const connectionsEnded = api && client ? await cutWhatIsLeft(tx, [client], api) : 0;
    if (!givenBack) await tellOfAccess(tx, 'ended', access);
    return { ok: true, ended: ended.map(({ id }) => id), connectionsEnded };
  });
}

/**
 * Why an app may not have the access of an opening or code (again): it has it, or the API's side took it away, which
 * would be worth nothing if the app took it back. Behind the lock of that opening or code.
 */
export async function refuseAgain(
  { db, clock }: Platform,
  { clientId, originId }: { clientId: string; originId: string },
): Promise<Refused<'app'> | undefined> {
  const [before] = await db.$queryRaw<{ live: boolean; taken: boolean }[]>`
    SELECT coalesce(bool_or(ended_at IS NULL AND (until IS NULL OR until > ${clock.now()})), false) AS live,
           coalesce(bool_or(ended_at IS NOT NULL AND (until IS NULL OR until > ended_at)), false) AS taken
      FROM accesses WHERE client_id = ${clientId} AND origin_id = ${originId}::uuid`;
  if (before?.live) return refused('app', 'This app has that access already.');
  return before?.taken ? refused('app', TAKEN_AWAY) : undefined;
}

const TAKEN_AWAY =
  'The owner of the API ended this access of the app. Ask them to give it again, by a new opening or code.';

/**
 * Ends everything that came of an opening, or all there is at an API, as part of the change that ends that. Answers what
 * ended: `afterEnds` sees to the rest, because there may be thousands.
 */
export async function endAccessesOf(
  tx: Platform,
  actor: Actor,
  of: { apiId: string; originId?: string },
): Promise<Access[]> {
  const now = tx.clock.now();
  const ended = await tx.db.access.updateManyAndReturn({
    where: { ...of, ...liveAt(now) },
    data: { endedAt: now },
  });
  await recordEnds(tx, actor, ended);
  return ended;
}

/** Once it is done: cuts the connections that served nothing else, and tells the owners of each app. */
export async function afterEnds(platform: Platform, api: Api, ended: readonly Access[]): Promise<void> {
  const clientIds = [...new Set(ended.map(({ clientId }) => clientId))];
  for (let from = 0; from < clientIds.length; from += 500) {
    const clients = await findClients(platform, clientIds.slice(from, from + 500));
    await cutWhatIsLeft(platform, [...clients.values()], api);
    for (const client of clients.values()) await tellAppOwners(platform, 'ended', { client, api });
  }
}

async function recordEnds(tx: Platform, actor: Actor, ended: readonly Access[]): Promise<void> {
  const events = ended.map(({ id, clientId, apiId }) => ({
    target: { kind: 'access', id },
    details: { client: clientId, api: apiId },
  }));
  await recordEvents(tx, actor, 'access.ended', events);
}

/** An app of the API's own organization goes on without access, and one with another access under that. */
async function cutWhatIsLeft(tx: Platform, clients: readonly ClientView[], api: Api): Promise<number> {
  const guests = clients.filter(
    ({ organizationId, sponsored }) => sponsored || organizationId !== api.organizationId,
  );
  const live = { apiId: api.id, ...liveAt(tx.clock.now()) };
  const still = await tx.db.access.findMany({
    where: { clientId: { in: guests.map(({ id }) => id) }, ...live },
    select: { clientId: true },
  });
  const left = new Set(still.map(({ clientId }) => clientId));
  const out = guests.filter(({ id }) => !left.has(id));
  return out.length === 0
    ? 0
    : endGrantsForApi(
        tx,
        appsAt(
          out.map(({ id }) => id),
          api,
        ),
      );
}

/** How many people would notice if the app lost its access to the API. */
export function peopleAffected(platform: Platform, clientId: string, api: Api): Promise<Reach> {
  return reachOf(platform, appsAt([clientId], api));
}

function appsAt(clientIds: readonly string[], { identifier }: Pick<Api, 'identifier'>) {
  return {
    clientIds,
    resource: identifier,
    means(indicator: string) {
      const [one, other] = [normalizeIdentifier(indicator), normalizeIdentifier(identifier)];
      return indicator === identifier || (one.ok && other.ok && one.identifier === other.identifier);
    },
  };
}

/** The owners of the app, where both sides are still there. */
export async function tellOfAccess(
  tx: Platform,
  news: 'ended' | 'changed',
  { clientId, apiId }: Access,
): Promise<void> {
  const client = await findClient(tx, clientId);
  const api = await findApiById(tx, apiId);
  if (client && api) await tellAppOwners(tx, news, { client, api });
}

/** May be left out; one line otherwise. */
export function judgeNote(raw: string): { readonly ok: true; readonly name: string } | Refused<'note'> {
  if (raw.trim() === '') return { ok: true, name: '' };
  const cleaned = cleanName(raw, 'The note', 300);
  return cleaned.ok ? cleaned : refused('note', cleaned.sentence);
}
