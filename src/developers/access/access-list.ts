import type { Access, AccessRequest } from '../../../prisma/generated/client.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type ClientView, findClient, findClients } from '../clients/client.ts';
import { liveAt } from './access-ends.ts';
import { type Api, findApiById } from '../apis/api.ts';
import { peopleToday } from './people-cap.ts';

/** An access as the owners of its API see it. */
export interface ListedAccess extends Access {
  /** Undefined once the app is gone, or where it is personal access tokens of everybody. */
  readonly client: ClientView | undefined;
  /** People counted today; undefined where no limit makes us count. */
  readonly peopleToday: number | undefined;
  readonly live: boolean;
}

export interface AccessPage {
  readonly accesses: ListedAccess[];
  /** Where the next page starts. */
  readonly next?: string;
}

/** Who has access to an API, the newest first; with `ended` who had. */
export async function listAccesses(
  platform: Platform,
  {
    apiId,
    ended = false,
    after,
    limit = 50,
  }: { apiId: string; ended?: boolean; after?: string | undefined; limit?: number },
): Promise<AccessPage> {
  const live = liveAt(platform.clock.now());
  const rows = await platform.db.access.findMany({
    where: { apiId, ...(ended ? { NOT: live } : live), ...(after && { id: { lt: after } }) },
    orderBy: { id: 'desc' },
    take: limit + 1,
  });
  const accesses = await listed(platform, apiId, rows.slice(0, limit));
  const next = accesses.at(-1)?.id;
  return rows.length > limit && next !== undefined ? { accesses, next } : { accesses };
}

/** One access of an API, live or not. */
export async function findAccess(
  platform: Platform,
  { id, apiId }: { id: string; apiId: string },
): Promise<ListedAccess | undefined> {
  if (!UUID.test(id)) return undefined;
  const row = await platform.db.access.findFirst({ where: { id, apiId } });
  return row ? (await listed(platform, apiId, [row]))[0] : undefined;
}

/** How many other accesses of the same app at the same API live. */
export async function othersLive({ db, clock }: Platform, { id, clientId, apiId }: Access): Promise<number> {
  return db.access.count({ where: { clientId, apiId, NOT: { id }, ...liveAt(clock.now()) } });
}

async function listed(platform: Platform, apiId: string, rows: readonly Access[]): Promise<ListedAccess[]> {
  const ids = rows.map(({ clientId }) => clientId);
  const [clients, people] = await Promise.all([
    findClients(platform, ids),
    peopleToday(platform, apiId, ids),
  ]);
  const now = platform.clock.now();
  return rows.map((row) => ({
    ...row,
    client: clients.get(row.clientId),
    peopleToday: row.peoplePerDay === null ? undefined : (people.get(row.clientId) ?? 0),
    live: isLive(row, now),
  }));
}

/** Whether it is neither ended nor over; what liveAt() asks of the database. */
export function isLive({ endedAt, until }: Pick<Access, 'endedAt' | 'until'>, now: Date): boolean {
  return endedAt === null && (until === null || until > now);
}

/** A request as the owners of the API see it. */
export interface ListedRequest extends AccessRequest {
  readonly client: ClientView | undefined;
}

/** Those that wait, the oldest first, or with `decided` the others, the newest first. */
export async function listRequests(
  platform: Platform,
  { apiId, decided = false, limit = 100 }: { apiId: string; decided?: boolean; limit?: number },
): Promise<ListedRequest[]> {
  const rows = await platform.db.accessRequest.findMany({
    where: { apiId, outcome: decided ? { in: ['approved', 'refused'] } : null },
    orderBy: { id: decided ? 'desc' : 'asc' },
    take: limit,
  });
  const clients = await findClients(
    platform,
    rows.map(({ clientId }) => clientId),
  );
  return rows.map((row) => ({ ...row, client: clients.get(row.clientId) }));
}

/** One request at an API, whatever became of it. */
export async function findRequest(
  platform: Platform,
  { id, apiId }: { id: string; apiId: string },
): Promise<ListedRequest | undefined> {
  if (!UUID.test(id)) return undefined;
  const row = await platform.db.accessRequest.findFirst({ where: { id, apiId } });
  return row ? { ...row, client: await findClient(platform, row.clientId) } : undefined;
}

/** What an app has, had or asked for, with the API it is at: the newest first. */
export interface AppAccess {
  readonly accesses: readonly (Access & { readonly api: Api | undefined; readonly live: boolean })[];
  readonly requests: readonly (AccessRequest & { readonly api: Api | undefined })[];
}

/** Everything an app ever had or asked for, at most 200 accesses and 100 requests. */
export async function accessOfApp(platform: Platform, clientId: string): Promise<AppAccess> {
  const [accesses, requests] = await Promise.all([
    platform.db.access.findMany({ where: { clientId }, orderBy: { id: 'desc' }, take: 200 }),
    platform.db.accessRequest.findMany({ where: { clientId }, orderBy: { id: 'desc' }, take: 100 }),
  ]);
  const apis = new Map<string, Api | undefined>();
  for (const { apiId } of [...accesses, ...requests]) {
    if (!apis.has(apiId)) apis.set(apiId, await findApiById(platform, apiId));
  }
  const now = platform.clock.now();
  return {
    accesses: accesses.map((row) => ({ ...row, api: apis.get(row.apiId), live: isLive(row, now) })),
    requests: requests.map((row) => ({ ...row, api: apis.get(row.apiId) })),
  };
}

/** An API that an app has or had access to; undefined where it never had: this is no way to learn of other APIs. */
export async function findApiUsedBy(
  platform: Platform,
  clientId: string,
  apiId: string,
): Promise<Api | undefined> {
  if (!UUID.test(apiId)) return undefined;
  const used = (await platform.db.access.count({ where: { apiId, clientId } })) > 0;
  return used ? findApiById(platform, apiId) : undefined;
}
