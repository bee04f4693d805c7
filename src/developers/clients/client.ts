import type { Client, Organization } from '../../../prisma/generated/client.ts';
import { stopsOfClients } from '../../defense/suspensions/stops.ts';
import { PUBLIC_ID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { AppType, AuthMethod, IdTokenAlgorithm } from './app-types.ts';

/** In development an app works for its organization's members and invited testers alone. */
export const STAGES = ['development', 'live'] as const;
export type Stage = (typeof STAGES)[number];

/** An app as its owners see it. Holds no secret and no digest of one. */
export interface ClientView {
  readonly id: string;
  readonly organizationId: string;
  readonly organizationName: string;
  readonly name: string;
  readonly type: AppType;
  readonly authMethod: AuthMethod;
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  readonly scopes: readonly string[];
  readonly resources: readonly string[];
  readonly firstParty: boolean;
  readonly trustDomainId: string;
  readonly stage: Stage;
  /** https, or nothing. */
  readonly homepageUri: string | null;
  readonly privacyUri: string | null;
  readonly termsUri: string | null;
  /** The name of its picture: /logos/<name>.png. */
  readonly logo: string | null;
  readonly verifiedAt: Date | null;
  readonly verifiedHost: string | null;
  /** Registered with an access code and no account. */
  readonly sponsored: boolean;
  readonly jwksUri: string | null;
  /** What its ID tokens are signed with. */
  readonly idTokenAlgorithm: IdTokenAlgorithm;
  readonly createdAt: Date;
  /** Since when it may do nothing, whoever stopped it: itself or with its whole organization. */
  readonly suspendedAt: Date | null;
  /** The member who suspended it; null where an operator or a rule did. */
  readonly suspendedBy: string | null;
  /** What stopped it, where that was no member: a suspension that says why and until when. */
  readonly suspensionId: string | null;
}

export interface ClientPage {
  readonly clients: ClientView[];
  /** Where the next page starts: pass it as `after`. Undefined on the last page. */
  readonly next?: string;
}

/** Apps by client id, at most `limit` (1 to 500) a page, of one organization or of all. */
export async function listClients(
  platform: Platform,
  { organizationId, after, limit = 100 }: { organizationId?: string; after?: string; limit?: number } = {},
): Promise<ClientPage> {
  const rows = await platform.db.client.findMany({
    where: { ...(organizationId && { organizationId }), ...(after && { id: { gt: after } }) },
    orderBy: { id: 'asc' },
    take: limit + 1,
    include: { organization: true },
  });
  const clients = await withSuspensions(platform, rows.slice(0, limit).map(viewOf));
  const next = clients.at(-1)?.id;
  return rows.length > limit && next !== undefined ? { clients, next } : { clients };
}

export async function findClient(platform: Platform, clientId: string): Promise<ClientView | undefined> {
  if (!PUBLIC_ID.test(clientId)) return undefined;
  const row = await platform.db.client.findUnique({
    where: { id: clientId },
    include: { organization: true },
  });
  const [client] = await withSuspensions(platform, row ? [viewOf(row)] : []);
  return client;
}

/** The apps with these client ids, by id; those that are gone are missing. */
export async function findClients(
  platform: Platform,
  clientIds: readonly string[],
): Promise<ReadonlyMap<string, ClientView>> {
  const rows = await platform.db.client.findMany({
    where: { id: { in: [...clientIds] } },
    include: { organization: true },
  });
  const clients = await withSuspensions(platform, rows.map(viewOf));
  return new Map(clients.map((client) => [client.id, client]));
}

/** A member's own stop is written with the app; every other is a suspension, found here for all readers. */
async function withSuspensions(platform: Platform, clients: readonly ClientView[]): Promise<ClientView[]> {
  const stops = await stopsOfClients(platform, clients);
  return clients.map((client) => {
    const stop = stops.get(client.id) ?? stops.get(client.organizationId);
    if (!stop) return client;
    const suspendedAt = client.suspendedAt ?? stop.since;
    return { ...client, suspensionId: stop.id, suspendedAt, suspendedBy: null };
  });
}

/** The row of an app without what only the protocol needs. */
export function viewOf(row: Client & { organization: Pick<Organization, 'name'> }): ClientView {
  const {
    organization,
    metadata,
    updatedAt: _,
    presentedSince: __,
    nameKey: ___,
    type,
    authMethod,
    stage,
    ...view
  } = row;
  return {
    ...view,
    type: type as AppType,
    stage: stage as Stage,
    authMethod: authMethod as AuthMethod,
    idTokenAlgorithm: algorithmIn(metadata),
    suspensionId: null,
    organizationName: organization.name,
  };
}

function algorithmIn(metadata: Client['metadata']): IdTokenAlgorithm {
  const { id_token_signed_response_alg: asked } = metadata as {
    id_token_signed_response_alg?: IdTokenAlgorithm;
  };
  return asked ?? 'ES256';
}
