import type { Client, Organization } from '../../../prisma/generated/client.ts';
import type { Actor } from '../../audit/actor.ts';
import type { AuditDetails } from '../../audit/events.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { IssuedSecret } from '../../platform/crypto/secrets.ts';
import { newPublicId, PUBLIC_ID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { cleanName } from '../names.ts';
import { obligeMembers } from '../organizations/oblige-members.ts';
import { findOrganization } from '../organizations/organization.ts';
import { type AppType, type AuthMethod, chooseAuthMethod } from './app-types.ts';
import { judgeRedirectUri, MOST_REDIRECT_URIS } from './redirect-uris.ts';
import { settleScopes } from './requested-scopes.ts';
import { issueSecret } from './secrets.ts';

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
  readonly createdAt: Date;
  readonly suspendedAt: Date | null;
}

export interface NewClient {
  readonly organizationId: string;
  readonly name: string;
  readonly type: AppType;
  readonly redirectUris?: readonly string[];
  readonly postLogoutRedirectUris?: readonly string[];
  readonly scopes?: readonly string[];
  readonly resources?: readonly string[];
  readonly authMethod?: string | undefined;
  /** Set by operators only, never by the app's owner: consent is skipped. */
  readonly firstParty?: boolean;
}

type ClientFault = 'organization' | 'name' | 'auth-method' | 'redirect-uri' | 'scope' | 'resource';

export type ClientCreation =
  | { readonly ok: true; readonly client: ClientView; readonly issued?: IssuedSecret }
  | Refused<ClientFault>;

/** Registers an app. Types that keep secrets get one; it leaves here once and is stored as a digest. */
export async function createClient(
  platform: Platform,
  actor: Actor,
  input: NewClient,
): Promise<ClientCreation> {
  const { organizationId, type, scopes = [], resources = [], firstParty = false } = input;
  const judged = judgeInput(input, !platform.config.production);
  if (!judged.ok) return judged;

  return inTransaction(platform, async (tx): Promise<ClientCreation> => {
    const organization = await findOrganization(tx, organizationId);
    if (!organization) return refused('organization', 'No organization has this ID. Create it first.');
    const settled = await settleScopes(tx, { organizationId, type, scopes, resources });
    if (!settled.ok) return settled;

    const now = tx.clock.now();
    const row = { id: newPublicId('app'), organizationId, type, firstParty, createdAt: now, updatedAt: now };
    const data = { ...row, ...judged.client, ...settled.registered };
    const client = await tx.db.client.create({ data, include: { organization: true } });
    const issued = client.authMethod === 'none' ? undefined : await issueSecret(tx, client.id);
    await recordEvent(tx, actor, 'client.created', { kind: 'client', id: client.id }, recorded(client));
    await obligeMembers(tx, actor, organizationId);
    return { ok: true, client: viewOf(client), ...(issued && { issued }) };
  });
}

function recorded(client: Client): AuditDetails {
  const { organizationId: organization, name, type, authMethod, redirectUris, scopes, firstParty } = client;
  return { organization, name, type, authMethod, redirectUris, scopes, firstParty };
}

interface JudgedClient {
  readonly name: string;
  readonly authMethod: AuthMethod;
  readonly redirectUris: string[];
  readonly postLogoutRedirectUris: string[];
}

/** What can be judged without looking anything up. */
function judgeInput(
  input: NewClient,
  loopbackIssuer: boolean,
): { ok: true; client: JudgedClient } | Refused<ClientFault> {
  const cleaned = cleanName(input.name);
  if (!cleaned.ok) return refused('name', cleaned.sentence);
  const chosen = chooseAuthMethod(input.type, input.authMethod);
  if (!chosen.ok) return refused('auth-method', chosen.sentence);

  const redirectUris = [...new Set(input.redirectUris)];
  const postLogoutRedirectUris = [...new Set(input.postLogoutRedirectUris)];
  if (redirectUris.length === 0 && input.type !== 'machine') {
    return refused('redirect-uri', 'An app that signs people in needs at least one redirect URI.');
  }
  if (redirectUris.length > MOST_REDIRECT_URIS || postLogoutRedirectUris.length > MOST_REDIRECT_URIS) {
    return refused(
      'redirect-uri',
      `An app can register at most ${MOST_REDIRECT_URIS} redirect URIs of each sort.`,
    );
  }
  for (const uri of [...redirectUris, ...postLogoutRedirectUris]) {
    const verdict = judgeRedirectUri(uri, input.type, { loopbackIssuer });
    if (!verdict.ok) return refused('redirect-uri', verdict.sentence);
  }
  const { authMethod } = chosen;
  return { ok: true, client: { name: cleaned.name, authMethod, redirectUris, postLogoutRedirectUris } };
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

/** `changed` is false where the app already was in the state asked for; nothing is recorded then. */
export type SuspensionChange = { readonly ok: true; readonly changed: boolean } | Refused<'client'>;

/** Stops an app at every read (decision 17) until it is resumed. Destroys nothing. */
export async function suspendClient(
  platform: Platform,
  actor: Actor,
  clientId: string,
): Promise<SuspensionChange> {
  return changeSuspension(platform, actor, clientId, platform.clock.now());
}

export async function resumeClient(
  platform: Platform,
  actor: Actor,
  clientId: string,
): Promise<SuspensionChange> {
  return changeSuspension(platform, actor, clientId, null);
}

async function changeSuspension(
  platform: Platform,
  actor: Actor,
  id: string,
  suspendedAt: Date | null,
): Promise<SuspensionChange> {
  return inTransaction(platform, async (tx): Promise<SuspensionChange> => {
    const client = await findClient(tx, id);
    if (!client) return refused('client', 'No app has this client ID.');
    const { count } = await tx.db.client.updateMany({
      where: { id, suspendedAt: suspendedAt ? null : { not: null } },
      data: { suspendedAt, updatedAt: tx.clock.now() },
    });
    if (count === 0) return { ok: true, changed: false };
    await recordEvent(tx, actor, suspendedAt ? 'client.suspended' : 'client.resumed', {
      kind: 'client',
      id,
    });
    await obligeMembers(tx, actor, client.organizationId);
    return { ok: true, changed: true };
  });
}

function viewOf(row: Client & { organization: Organization }): ClientView {
  const { organization, metadata: _, updatedAt: __, type, authMethod, ...view } = row;
  return {
    ...view,
    type: type as AppType,
    authMethod: authMethod as AuthMethod,
    organizationName: organization.name,
  };
}
