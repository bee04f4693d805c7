import { accountsNamed, findAccountByAddress, type NamedAccount } from '../accounts/account.ts';
import { readNetwork } from '../defense/suspensions/networks.ts';
import { subjectOf, type Subject, type SuspensionKind } from '../defense/suspensions/suspension.ts';
import { UUID } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { type Refused, refused } from '../platform/refused.ts';
import { countPeopleWhoAllowed } from '../tokens/consents.ts';
import { type Api, findApi, findApiById, viewOf } from './apis/api.ts';
import { type ClientView, findClient, findClients } from './clients/client.ts';
import { findOrganization, type Organization } from './organizations/organization.ts';

/** Whom a suspension is about, with the names that operators read. What is gone is missing. */
export interface NamedSubject {
  readonly app?: ClientView | undefined;
  readonly api?: Api | undefined;
  readonly account?: NamedAccount | undefined;
  readonly organization?: Organization | undefined;
  readonly network?: string | undefined;
}

/** The names of many subjects at once, in the order they came. */
export async function nameSubjects(
  platform: Platform,
  subjects: readonly Subject[],
): Promise<NamedSubject[]> {
  const ids = (name: keyof Subject) => [...new Set(subjects.flatMap((subject) => subject[name] ?? []))];
  const [apps, apis, accounts, organizations] = await Promise.all([
    findClients(platform, ids('clientId')),
    platform.db.api.findMany({ where: { id: { in: ids('apiId') } } }),
    accountsNamed(platform, ids('accountId')),
    platform.db.organization.findMany({ where: { id: { in: ids('organizationId') } } }),
  ]);
  const apiById = new Map(apis.map((row) => [row.id, viewOf(row)]));
  const organizationById = new Map(organizations.map(({ id, name }) => [id, { id, name }]));
  return subjects.map(({ clientId, apiId, accountId, organizationId, network }) => ({
    app: clientId ? apps.get(clientId) : undefined,
    api: apiId ? apiById.get(apiId) : undefined,
    account: accountId ? accounts.get(accountId) : undefined,
    organization: organizationId ? organizationById.get(organizationId) : undefined,
    network: network ?? undefined,
  }));
}

/** What an operator types to say whom they mean: ids, the identifier of an API, the whole address of an account. */
export interface TypedSubject {
  readonly client?: string | undefined;
  readonly api?: string | undefined;
  readonly account?: string | undefined;
  readonly organization?: string | undefined;
  readonly network?: string | undefined;
}

export type FoundSubject =
  | { readonly ok: true; readonly ids: Subject; readonly named: NamedSubject }
  | Refused<keyof TypedSubject | 'kind'>;

/** The kinds that people begin by hand. */
export const KINDS_BY_HAND = [
  'client',
  'access',
  'access-writes',
  'api',
  'organization',
  'account',
  'network',
] as const satisfies readonly SuspensionKind[];
export type KindByHand = (typeof KINDS_BY_HAND)[number];

/** What a kind has to be told. */
export const ASKED_FOR: Readonly<Record<KindByHand, readonly (keyof TypedSubject)[]>> = {
  client: ['client'],
  access: ['client', 'api'],
  'access-writes': ['client', 'api'],
  api: ['api'],
  organization: ['organization'],
  account: ['account'],
  network: ['network'],
};

/** Finds whom an operator means: a suspension of somebody who is not there would only look like one. */
export async function findSubject(
  platform: Platform,
  kind: KindByHand,
  typed: TypedSubject,
): Promise<FoundSubject> {
  const asked = (name: keyof TypedSubject) => ASKED_FOR[kind].includes(name);
  const app = asked('client') ? await findClient(platform, typed.client ?? '') : undefined;
  if (asked('client') && !app) return refused('client', 'No app has this client ID.');
  const api = asked('api') ? await apiMeant(platform, typed.api ?? '') : undefined;
  if (asked('api') && !api) return refused('api', 'No API has this ID or identifier.');
  const account = asked('account') ? await accountMeant(platform, typed.account ?? '') : undefined;
  if (asked('account') && !account)
    return refused('account', 'Nobody has an account with this ID or address.');
  const organization = asked('organization')
    ? await findOrganization(platform, typed.organization ?? '')
    : undefined;
  if (asked('organization') && !organization) return refused('organization', 'No organization has this ID.');
  const network = asked('network') ? readNetwork(typed.network ?? '') : undefined;
  const ids = { clientId: app?.id, apiId: api?.id, accountId: account?.id, organizationId: organization?.id };
  if (!subjectOf(kind, { ...ids, network })) return refused('network', NO_NETWORK);
  return { ok: true, ids: { ...ids, network }, named: { app, api, account, organization, network } };
}

const NO_NETWORK =
  'Write an address or a range, such as 192.0.2.0/24 or 2001:db8::/48. Ranges of whole regions cannot be suspended.';

async function apiMeant(platform: Platform, named: string): Promise<Api | undefined> {
  return UUID.test(named) ? findApiById(platform, named) : findApi(platform, named);
}

async function accountMeant(platform: Platform, named: string): Promise<NamedAccount | undefined> {
  const id = UUID.test(named) ? named : (await findAccountByAddress(platform, named))?.id;
  return id === undefined ? undefined : (await accountsNamed(platform, [id])).get(id);
}

/** Whom a suspension would hit, counted before somebody starts it. */
export interface SubjectReach {
  readonly liveApps: number;
  readonly apis: number;
  /** Apps of others with access to its APIs. */
  readonly appsOfOthers: number;
  /** Who allowed the apps something. */
  readonly people: number;
}

export async function reachOfSubject(
  platform: Platform,
  { clientId, apiId, organizationId }: Subject,
): Promise<SubjectReach> {
  const [row] = await platform.db.$queryRaw<(Omit<SubjectReach, 'people'> & { clients: string[] })[]>`
    WITH apps AS (
      SELECT id FROM clients
       WHERE id = ${clientId ?? null} OR organization_id = ${organizationId ?? null}::uuid
    ), own AS (
      SELECT id FROM apis
       WHERE organization_id = ${organizationId ?? null}::uuid
          OR (id = ${apiId ?? null}::uuid AND ${clientId ?? null}::text IS NULL)
    )
    SELECT (SELECT count(*)::int FROM clients WHERE id IN (SELECT id FROM apps) AND stage = 'live') AS "liveApps",
      (SELECT count(*)::int FROM own) AS apis,
      (SELECT count(DISTINCT a.client_id)::int FROM accesses a
        WHERE a.api_id IN (SELECT id FROM own) AND a.ended_at IS NULL
          AND a.client_id NOT IN (SELECT id FROM apps)) AS "appsOfOthers",
      ARRAY(SELECT id FROM apps LIMIT 1000) AS clients`;
  const { clients = [], liveApps = 0, apis = 0, appsOfOthers = 0 } = row ?? {};
  return { liveApps, apis, appsOfOthers, people: await countPeopleWhoAllowed(platform, clients) };
}
