import { type Appeal, appealAgainst } from '../../defense/suspensions/appeals.ts';
import { type Effect, effectOf } from '../../defense/suspensions/ladder.ts';
import { type SuspensionPage, suspensionsOf } from '../../defense/suspensions/list.ts';
import { findSuspension, type Suspension } from '../../defense/suspensions/suspension.ts';
import { secondsAfter } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Api, findApiById } from '../apis/api.ts';
import { type ClientView, findClient, findClients } from '../clients/client.ts';
import { type LoggedRequest, listRequests } from '../insights/request-search.ts';

/** A suspension with the names that it is told by and what it does now. */
export interface ToldSuspension {
  readonly suspension: Suspension;
  readonly effect: Effect;
  readonly app: ClientView | undefined;
  readonly api: Api | undefined;
}

export interface ToldPage {
  readonly told: ToldSuspension[];
  readonly next?: string;
}

/** Of an app, newest first: whatever stopped it, itself or at one API. What is about one person's token is theirs. */
export async function suspensionsOfApp(
  platform: Platform,
  app: Pick<ClientView, 'id'>,
  after?: string,
): Promise<ToldPage> {
  const kinds = ['access-writes', 'access', 'client'] as const;
  return told(platform, await suspensionsOf(platform, { clientIds: [app.id], kinds }, { after }));
}

/** At an API, for its owners: which apps are slowed or paused there. Why is between those apps and the operators. */
export async function suspensionsAtApi(platform: Platform, apiId: string, after?: string): Promise<ToldPage> {
  const kinds = ['access-writes', 'access', 'api'] as const;
  return told(platform, await suspensionsOf(platform, { apiId, kinds, acting: true }, { after }));
}

/** What slows or stops anything of an organization at present. */
export async function suspensionsInForce(
  platform: Platform,
  organizationId: string,
): Promise<readonly ToldSuspension[]> {
  const [clients, apis] = [
    await platform.db.client.findMany({ where: { organizationId }, select: { id: true }, take: MOST }),
    await platform.db.api.findMany({ where: { organizationId }, select: { id: true }, take: MOST }),
  ];
  const owned = { clientIds: clients.map(({ id }) => id), apiIds: apis.map(({ id }) => id), organizationId };
  const page = await suspensionsOf(platform, { ownedBy: owned, acting: true, live: true }, { limit: 20 });
  return (await told(platform, page)).told;
}

/** The same of one app alone. */
export async function suspensionsInForceOf(
  platform: Platform,
  { id, organizationId }: Pick<ClientView, 'id' | 'organizationId'>,
): Promise<readonly ToldSuspension[]> {
  const ownedBy = { clientIds: [id], apiIds: [], organizationId };
  const page = await suspensionsOf(platform, { ownedBy, acting: true, live: true }, { limit: 20 });
  return (await told(platform, page)).told;
}

const MOST = 1_000;

async function told(platform: Platform, { suspensions, next }: SuspensionPage): Promise<ToldPage> {
  const now = platform.clock.now();
  const ids = suspensions.flatMap(({ clientId }) => clientId ?? []);
  const apps = await findClients(platform, ids);
  const apis = new Map<string, Api | undefined>();
  for (const { apiId } of suspensions) {
    if (apiId && !apis.has(apiId)) apis.set(apiId, await findApiById(platform, apiId));
  }
  const all = suspensions.map((suspension) => ({
    ...{ suspension, effect: effectOf(suspension, now) },
    ...{ app: apps.get(suspension.clientId ?? ''), api: apis.get(suspension.apiId ?? '') },
  }));
  return next === undefined ? { told: all } : { told: all, next };
}

/** Everything that the owners of what is suspended are told. */
export interface OwnSuspension extends ToldSuspension {
  readonly appeal: Appeal | undefined;
  /** Calls of the app that failed in the time that was looked at, the latest first. */
  readonly requests: readonly LoggedRequest[];
}

/** Undefined where it concerns another organization, or a person, as where there is none. */
export async function findOwnSuspension(
  platform: Platform,
  organizationId: string,
  id: string,
): Promise<OwnSuspension | undefined> {
  const suspension = await findSuspension(platform, id);
  if (!suspension || suspension.dryRun || PERSONAL.has(suspension.kind)) return undefined;
  const app = suspension.clientId ? await findClient(platform, suspension.clientId) : undefined;
  const api = suspension.apiId ? await findApiById(platform, suspension.apiId) : undefined;
  const owner = suspension.organizationId ?? (suspension.clientId ? app : api)?.organizationId;
  if (owner !== organizationId) return undefined;
  const effect = effectOf(suspension, platform.clock.now());
  const appeal = await appealAgainst(platform, id);
  return { suspension, effect, app, api, appeal, requests: await failedBefore(platform, suspension) };
}

const PERSONAL: ReadonlySet<Suspension['kind']> = new Set(['grant', 'account', 'network']);
const SHOWN_REQUESTS = 5;

/** Only what the app itself sent: whoever merely named it has no part in it. */
async function failedBefore(
  platform: Platform,
  { clientId, startedAt, evidence }: Suspension,
): Promise<LoggedRequest[]> {
  if (clientId === null) return [];
  const minutes = typeof evidence.minutes === 'number' ? evidence.minutes : 60;
  const filter = {
    result: 'failed',
    since: secondsAfter(startedAt, -minutes * 60),
    until: startedAt,
  } as const;
  const { requests } = await listRequests(platform, clientId, filter, { limit: 20 });
  return requests.filter(({ proven }) => proven).slice(0, SHOWN_REQUESTS);
}
