import type { Actor } from '../audit/actor.ts';
import { findListedApis, type ListedApi } from '../developers/apis/api-directory.ts';
import { normalizeIdentifier } from '../developers/apis/identifier.ts';
import { PERSONAL_TOKENS_CLIENT } from '../developers/access/personal-access.ts';
import type { ApiScope } from '../developers/apis/scopes/scopes.ts';
import { type ClientView, findClients } from '../developers/clients/client.ts';
import type { Platform } from '../platform/platform.ts';
import { inTransaction } from '../platform/transaction.ts';
import { type EndChoice, endChoicesFor, endOf, momentOf } from '../tokens/consent-ends.ts';
import {
  type ConsentedScopes,
  changeConsentEnd,
  IDENTITY,
  type LiveConsent,
  liveConsents,
  withdrawConsent,
} from '../tokens/consents.ts';
import { endInstallation, type Installation, liveInstallations } from '../tokens/installations.ts';

/** An app that may do something for a person, with every place where it was let in. */
export interface ConnectedApp {
  readonly clientId: string;
  readonly name: string;
  readonly organizationName: string;
  /** A part of this service: nobody was asked, so there is no consent to change. */
  readonly firstParty: boolean;
  readonly suspended: boolean;
  /** Names of the identity scopes, openid left out. */
  readonly identity: readonly string[];
  readonly apis: readonly { readonly name: string; readonly scopes: readonly ApiScope[] }[];
  readonly since: Date;
  readonly lastUsedAt: Date | null;
  /** Null: until the person removes it. */
  readonly endsAt: Date | null;
  /** The end moves ahead with every use. */
  readonly endsUnused: boolean;
  readonly installations: readonly Installation[];
  /** Something that it may do is sensitive. */
  readonly sensitive: boolean;
  /** Ends that the person may choose instead. */
  readonly endChoices: readonly EndChoice[];
}

/** Everything that an account allowed, the app used last first. Personal access tokens have a page of their own. */
export async function listConnectedApps(
  platform: Platform,
  accountId: string,
  clientId?: string,
): Promise<ConnectedApp[]> {
  const consents = await liveConsents(platform, accountId, clientId);
  const grants = (await liveInstallations(platform, accountId, clientId)).filter(
    (grant) => grant.clientId !== PERSONAL_TOKENS_CLIENT,
  );
  const clients = await findClients(
    platform,
    [...consents, ...grants].map(({ clientId }) => clientId),
  );
  const parts = [...clients.values()].map((client) => ({
    client,
    consents: consents.filter(({ clientId }) => clientId === client.id),
    installations: grants.filter(({ clientId }) => clientId === client.id),
  }));
  const apis = await findListedApis(
    platform,
    parts.flatMap(allowedIn).map(({ resource }) => resource),
  );
  return parts.map((part) => connectedApp(part, apis)).sort((a, b) => lastSeen(b) - lastSeen(a));
}

/** One app that the account gave a consent to. */
export async function findConnectedApp(
  platform: Platform,
  { accountId, clientId }: Connection,
): Promise<ConnectedApp | undefined> {
  const [app] = await listConnectedApps(platform, accountId, clientId);
  return app?.firstParty ? undefined : app;
}

interface Parts {
  readonly client: ClientView;
  readonly consents: readonly LiveConsent[];
  readonly installations: readonly Installation[];
}

/** Where nobody was asked, the grants alone say what an app may do. */
function allowedIn({ consents, installations }: Parts): readonly ConsentedScopes[] {
  return consents.length > 0 ? consents : installations.flatMap(({ scopes }) => scopes);
}

function connectedApp(parts: Parts, apis: ReadonlyMap<string, ListedApi>): ConnectedApp {
  const { client, consents, installations } = parts;
  const allowed = allowedIn(parts);
  const begun = [
    ...consents.map(({ grantedAt }) => grantedAt),
    ...installations.map(({ createdAt }) => createdAt),
  ];
  // Giving a consent counts as using it, so that disuse is counted from there; to a person it is no use yet.
  const uses = consents.map((one) => (isSince(one.lastUsedAt, one.grantedAt) ? one.lastUsedAt : null));
  const lastUsedAt = latest([...uses, ...installations.map((one) => one.lastUsedAt)]);
  const [consent] = consents;
  const allowedAt = [...apis.values()]
    .map(({ identifier, name, scopes }) => {
      const names = scopesAt(allowed, identifier);
      return { name, scopes: scopes.filter((scope) => names.has(scope.name)) };
    })
    .filter(({ scopes }) => scopes.length > 0);
  const sensitive = allowedAt.some(({ scopes }) => scopes.some(({ sensitivity }) => sensitivity !== 'basic'));
  return {
    clientId: client.id,
    name: client.name,
    organizationName: client.organizationName,
    firstParty: consent === undefined && client.firstParty,
    suspended: client.suspendedAt !== null,
    identity: [...scopesAt(allowed, IDENTITY)].filter((name) => name !== 'openid'),
    apis: allowedAt,
    since: new Date(Math.min(...begun.map((date) => date.getTime()))),
    lastUsedAt,
    endsAt: consent ? momentOf(consent, consent.lastUsedAt ?? consent.grantedAt) : null,
    endsUnused: typeof consent?.unusedSeconds === 'number',
    installations,
    sensitive,
    endChoices: endChoicesFor(sensitive),
  };
}

/** A grant names an API as the request spelled it, a consent by its identifier. */
function scopesAt(allowed: readonly ConsentedScopes[], resource: string): Set<string> {
  const spelled = spelledOut(resource);
  const isHere = (one: string) => one === resource || (spelled !== undefined && spelledOut(one) === spelled);
  const here = allowed.filter((one) => isHere(one.resource));
  return new Set(here.flatMap(({ scopes }) => scopes));
}

function spelledOut(resource: string): string | undefined {
  const normalized = normalizeIdentifier(resource);
  return normalized.ok ? normalized.identifier : undefined;
}

function isSince(used: Date | null, granted: Date): boolean {
  return used !== null && used.getTime() - granted.getTime() > 1000;
}

function latest(dates: readonly (Date | null)[]): Date | null {
  const times = dates.flatMap((date) => (date ? [date.getTime()] : []));
  return times.length > 0 ? new Date(Math.max(...times)) : null;
}

function lastSeen({ lastUsedAt, since }: ConnectedApp): number {
  return (lastUsedAt ?? since).getTime();
}

/** Whose app it is; another person's ids are as unknown as ids that never were. */
export interface Connection {
  readonly accountId: string;
  readonly clientId: string;
}

/** Takes back what the account allowed the app and ends each of its installations. False where there was nothing. */
export async function removeApp(platform: Platform, actor: Actor, connection: Connection): Promise<boolean> {
  if (connection.clientId === PERSONAL_TOKENS_CLIENT) return false;
  return withdrawConsent(platform, actor, connection);
}

/** All of them at once; answers how many there were. */
export async function removeAllApps(platform: Platform, actor: Actor, accountId: string): Promise<number> {
  return inTransaction(platform, async (tx) => {
    const apps = await listConnectedApps(tx, accountId);
    // In one order, so that two such changes cannot hold each other up.
    const clientIds = apps.map(({ clientId }) => clientId).sort();
    for (const clientId of clientIds) await withdrawConsent(tx, actor, { accountId, clientId });
    return clientIds.length;
  });
}

/** Ends the app on one device or in one browser; what the person allowed it stays. */
export async function removeInstallation(
  platform: Platform,
  actor: Actor,
  installation: Connection & { readonly grantId: string },
): Promise<boolean> {
  if (installation.clientId === PERSONAL_TOKENS_CLIENT) return false;
  return endInstallation(platform, actor, installation);
}

/** Gives what the account allowed the app another end, counted from now: one that what it may do lets be chosen. */
export async function changeEndOfApp(
  platform: Platform,
  actor: Actor,
  { choice, ...connection }: Connection & { readonly choice: EndChoice },
): Promise<boolean> {
  const app = await findConnectedApp(platform, connection);
  if (!app?.endChoices.includes(choice)) return false;
  const end = endOf(choice, platform.clock.now());
  return changeConsentEnd(platform, actor, { ...connection, end });
}
