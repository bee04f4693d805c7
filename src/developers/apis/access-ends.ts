import type { Access } from '../../../prisma/generated/client.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { endGrantsForApi, type Reach, reachOf } from '../../tokens/reach.ts';
import { findClient } from '../clients/client.ts';
import { cleanName } from '../names.ts';
import { latestEnd } from './access.ts';
import { tellAppOwners } from './access-letters.ts';
import { type Api, findApiById } from './api.ts';
import { judgeCaps } from './entitlement.ts';
import { normalizeIdentifier } from './identifier.ts';

/** Which access, and whose it has to be: of this API, or of this app. An operator names neither. */
export interface AccessNamed {
  readonly id: string;
  readonly apiId?: string;
  readonly clientId?: string;
}

const UNKNOWN = 'There is no access with this ID that is still live.';

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
  if (!UUID.test(named.id)) return refused('access', UNKNOWN);
  return inTransaction(platform, async (tx): Promise<AccessEnd> => {
    const now = tx.clock.now();
    const live = liveAt(now);
    const data = { endedAt: now, endNote: note.name || null };
    const [access] = await tx.db.access.updateManyAndReturn({ where: { ...named, ...live }, data });
    if (!access) return refused('access', UNKNOWN);
    const { clientId, apiId } = access;
    const others = all
      ? await tx.db.access.updateManyAndReturn({ where: { clientId, apiId, ...live }, data })
      : [];
    const ended = [access, ...others];
    for (const one of ended) await recordEnd(tx, actor, one);
    const connectionsEnded = await cutWhatIsLeft(tx, access);
    if (named.clientId === undefined) await tellOfAccess(tx, 'ended', access);
    return { ok: true, ended: ended.map(({ id }) => id), connectionsEnded };
  });
}

/** Ends everything that came of an opening, a request or a code, or all there is at an API, as part of the change that ends that. */
export async function endAccessesOf(
  tx: Platform,
  actor: Actor,
  of: { apiId: string; originId?: string },
): Promise<number> {
  const now = tx.clock.now();
  const ended = await tx.db.access.updateManyAndReturn({
    where: { ...of, ...liveAt(now) },
    data: { endedAt: now },
  });
  for (const access of ended) {
    await recordEnd(tx, actor, access);
    await cutWhatIsLeft(tx, access);
    await tellOfAccess(tx, 'ended', access);
  }
  return ended.length;
}

async function recordEnd(tx: Platform, actor: Actor, { id, clientId, apiId }: Access): Promise<void> {
  const details = { client: clientId, api: apiId };
  await recordEvent(tx, actor, 'access.ended', { kind: 'access', id }, details);
}

/** An app of the API's own organization goes on without access, and one with another access under that. */
async function cutWhatIsLeft(tx: Platform, { clientId, apiId }: Access): Promise<number> {
  const api = await findApiById(tx, apiId);
  const client = await findClient(tx, clientId);
  if (!api || !client || (client.organizationId === api.organizationId && !client.sponsored)) return 0;
  const left = await tx.db.access.count({ where: { clientId, apiId, ...liveAt(tx.clock.now()) } });
  return left > 0 ? 0 : endGrantsForApi(tx, appAt(clientId, api));
}

/** How many people would notice if the app lost its access to the API. */
export function peopleAffected(platform: Platform, clientId: string, api: Api): Promise<Reach> {
  return reachOf(platform, appAt(clientId, api));
}

function appAt(clientId: string, { identifier }: Pick<Api, 'identifier'>) {
  return {
    clientId,
    resource: identifier,
    means(indicator: string) {
      const [one, other] = [normalizeIdentifier(indicator), normalizeIdentifier(identifier)];
      return indicator === identifier || (one.ok && other.ok && one.identifier === other.identifier);
    },
  };
}

async function tellOfAccess(
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

/** What is left out stays as it is; null takes an end or a limit away. */
export interface AccessChange extends AccessNamed {
  readonly until?: Date | null;
  readonly peoplePerDay?: number | null;
  readonly requestsPerMinute?: number | null;
}

export type AccessChanged =
  | { readonly ok: true; readonly id: string; readonly until: Date | null }
  | Refused<'access' | 'until' | 'peoplePerDay' | 'requestsPerMinute'>;

/** Gives a live access another end or other limits. The owners of the app are told. */
export async function changeAccess(
  platform: Platform,
  actor: Actor,
  { until, peoplePerDay, requestsPerMinute, ...named }: AccessChange,
): Promise<AccessChanged> {
  const caps = { peoplePerDay: peoplePerDay ?? null, requestsPerMinute: requestsPerMinute ?? null };
  const judged = judgeCaps(caps);
  if (judged) return judged;
  if (!UUID.test(named.id)) return refused('access', UNKNOWN);
  return inTransaction(platform, async (tx): Promise<AccessChanged> => {
    const now = tx.clock.now();
    const before = await tx.db.access.findFirst({ where: { ...named, ...liveAt(now) } });
    if (!before) return refused('access', UNKNOWN);
    const end = until === undefined ? undefined : await judgeEnd(tx, before, until);
    if (end) return end;
    const wishes = { until, peoplePerDay, requestsPerMinute };
    const data = Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined));
    const [after] = await tx.db.access.updateManyAndReturn({ where: { ...named, ...liveAt(now) }, data });
    if (!after) return refused('access', UNKNOWN);
    const { id, clientId, apiId } = after;
    const details = {
      ...{ client: clientId, api: apiId, until: after.until?.toISOString() ?? null },
      ...{ peoplePerDay: after.peoplePerDay, requestsPerMinute: after.requestsPerMinute },
    };
    await recordEvent(tx, actor, 'access.changed', { kind: 'access', id }, details);
    await tellOfAccess(tx, 'changed', after);
    return { ok: true, id, until: after.until };
  });
}

async function judgeEnd(
  tx: Platform,
  access: Access,
  until: Date | null,
): Promise<Refused<'until'> | undefined> {
  if (until && until <= tx.clock.now()) {
    return refused('until', 'That end is in the past. Choose a later day, or end the access now.');
  }
  const latest = await latestEnd(tx, access);
  if (!latest || (until && until <= latest)) return undefined;
  const day = latest.toISOString().slice(0, 10);
  return refused(
    'until',
    `It holds a sensitive scope, so it lasts at most until ${day}. Choose that day or an earlier one.`,
  );
}
