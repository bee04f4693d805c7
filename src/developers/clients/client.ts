import type { Client, Organization } from '../../../prisma/generated/client.ts';
import { PUBLIC_ID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { AppType, AuthMethod } from './app-types.ts';

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
  readonly createdAt: Date;
  readonly suspendedAt: Date | null;
  /** The member who suspended it; null where an operator did. */
  readonly suspendedBy: string | null;
}

export interface ClientPage {
  readonly clients: ClientView[];
  /** Where the next page starts: pass it as `after`. Undefined on the last page. */
  readonly next?: string;
}

/** Apps by client id, at most `limit` (1 to 500) a page, of one organization or of all. */
export async function listClients(
  { db }: Platform,
  { organizationId, after, limit = 100 }: { organizationId?: string; after?: string; limit?: number } = {},
): Promise<ClientPage> {
  const rows = await db.client.findMany({
    where: { ...(organizationId && { organizationId }), ...(after && { id: { gt: after } }) },
    orderBy: { id: 'asc' },
    take: limit + 1,
    include: { organization: true },
  });
  const clients = rows.slice(0, limit).map(viewOf);
  const next = clients.at(-1)?.id;
  return rows.length > limit && next !== undefined ? { clients, next } : { clients };
}

export async function findClient({ db }: Platform, clientId: string): Promise<ClientView | undefined> {
  if (!PUBLIC_ID.test(clientId)) return undefined;
  const row = await db.client.findUnique({ where: { id: clientId }, include: { organization: true } });
  return row ? viewOf(row) : undefined;
}

/** The apps with these client ids, by id; those that are gone are missing. */
export async function findClients(
  { db }: Platform,
  clientIds: readonly string[],
): Promise<ReadonlyMap<string, ClientView>> {
  const rows = await db.client.findMany({
    where: { id: { in: [...clientIds] } },
    include: { organization: true },
  });
  return new Map(rows.map((row) => [row.id, viewOf(row)]));
}

/** The row of an app without what only the protocol needs. */
export function viewOf(row: Client & { organization: Pick<Organization, 'name'> }): ClientView {
  const {
    organization,
    metadata: _,
    updatedAt: __,
    presentedSince: ___,
    nameKey: ____,
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
    organizationName: organization.name,
  };
}
