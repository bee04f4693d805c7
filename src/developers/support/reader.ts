import type { AppType, AuthMethod } from '../clients/app-types.ts';
import type { Platform } from '../../platform/platform.ts';

/** An app or API of an organization that the reader belongs to, as far as examples need it. */
export interface ReadersApp {
  readonly id: string;
  readonly name: string;
  readonly type: AppType;
  readonly authMethod: AuthMethod;
  readonly redirectUris: readonly string[];
  readonly scopes: readonly string[];
  readonly resources: readonly string[];
}

export interface ReadersApi {
  readonly id: string;
  readonly name: string;
  readonly clientId: string;
  readonly identifier: string;
  readonly scopes: readonly string[];
}

const MOST_OFFERED = 20;
const APP = {
  ...{
    id: true,
    name: true,
    type: true,
    authMethod: true,
    redirectUris: true,
    scopes: true,
    resources: true,
  },
} as const;

/** The newest apps of the reader's organizations, of one type where given. */
export async function appsOfReader(
  { db }: Platform,
  accountId: string,
  type?: AppType,
): Promise<ReadersApp[]> {
  const rows = await db.client.findMany({
    where: { ...ofReader(accountId), ...(type && { type }) },
    orderBy: { createdAt: 'desc' },
    take: MOST_OFFERED,
    select: APP,
  });
  return rows as ReadersApp[];
}

/** undefined where the reader is no member of the organization that owns it, as where there is none. */
export async function appOfReader(
  { db }: Platform,
  accountId: string,
  id: string,
): Promise<ReadersApp | undefined> {
  const row = await db.client.findFirst({ where: { ...ofReader(accountId), id }, select: APP });
  return (row as ReadersApp | null) ?? undefined;
}

/** The newest APIs of the reader's organizations that have their identifier. */
export async function apisOfReader({ db }: Platform, accountId: string): Promise<ReadersApi[]> {
  const rows = await db.api.findMany({
    where: { ...ofReader(accountId), identifier: { not: null } },
    orderBy: { createdAt: 'desc' },
    take: MOST_OFFERED,
    select: { id: true, name: true, clientId: true, identifier: true, scopes: { select: { name: true } } },
  });
  return rows.map(({ scopes, identifier, ...api }) => ({
    ...api,
    identifier: identifier ?? '',
    scopes: scopes.map(({ name }) => name).sort(),
  }));
}

function ofReader(accountId: string) {
  return { organization: { members: { some: { accountId } } } };
}
