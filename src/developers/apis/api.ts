import type { Api as ApiRow } from '../../../prisma/generated/client.ts';
import { actsFrozen } from '../../accounts/recovery/frozen.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { IssuedSecret } from '../../platform/crypto/secrets.ts';
import { newId, newPublicId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { issueSecret } from '../clients/credentials/secrets.ts';
import { FROZEN } from '../frozen.ts';
import { cleanName } from '../names.ts';
import { settleTrustDomain } from '../trust-domain-choice.ts';
import { holdOrganization } from '../organizations/hold-organization.ts';
import { findOrganization } from '../organizations/organization.ts';
import { normalizeIdentifier, storedSpellings } from './identifier.ts';
import { mayBeNamed } from './identifier-rights.ts';
import { type ApiScope, MOST_SCOPES, newScope } from './scopes/scopes.ts';

export const TOKEN_FORMATS = ['opaque', 'jwt'] as const;
export type TokenFormat = (typeof TOKEN_FORMATS)[number];

/** Authentication context class references that an API may ask for (decision 16), the weakest first. */
export const MINIMUM_ACRS = ['aal1', 'aal2', 'phr'] as const;
export type MinimumAcr = (typeof MINIMUM_ACRS)[number];

export const MOST_APIS = 100;

/** A resource server. `clientId` is what it authenticates with when it introspects its tokens. */
export interface Api {
  readonly id: string;
  readonly clientId: string;
  readonly organizationId: string;
  readonly trustDomainId: string;
  /** In its one stored spelling; what the API will be called where it is not approved yet; empty where that was refused. */
  readonly identifier: string;
  /** False until its host is proven or an operator approved it: the protocol does not know it before. */
  readonly approved: boolean;
  readonly name: string;
  /** For developers: what it is for. */
  readonly description: string;
  readonly docsUri: string | null;
  readonly tokenFormat: TokenFormat;
  /** Seconds an access token lives; null follows decision 18. */
  readonly tokenSeconds: number | null;
  /** How strongly people must have signed in; null asks for nothing. */
  readonly minimumAcr: MinimumAcr | null;
  /** The version in force; 0 where there are no terms. */
  readonly termsVersion: number;
  /** From then on an access whose terms are older is refused. */
  readonly termsDueAt: Date | null;
  readonly createdAt: Date;
}

export interface NewApi {
  readonly organizationId: string;
  readonly identifier: string;
  readonly name: string;
  readonly scopes?: readonly { readonly name: string; readonly description: string }[];
  readonly tokenFormat?: TokenFormat;
  /** One of its maker's own, the first where none is named; for operators any, and main. */
  readonly trustDomainId?: string | undefined;
}

export type ApiFault =
  | 'organization'
  | 'name'
  | 'identifier'
  | 'scope'
  | 'trust-domain'
  | 'too-many'
  | 'frozen';

export type ApiCreation =
  | { readonly ok: true; readonly api: Api; readonly issued: IssuedSecret }
  | Refused<ApiFault>;

/** Registers an API for an operator, with a secret to introspect with; it leaves here once and is stored as a digest. */
export async function createApi(platform: Platform, actor: Actor, input: NewApi): Promise<ApiCreation> {
  return inTransaction(platform, async (tx): Promise<ApiCreation> => {
    const registered = await registerApi(tx, actor, input);
    if (!registered.ok) return registered;
    const issued = await issueSecret(tx, actor, registered.api.clientId);
    return { ...registered, issued };
  });
}

export type ApiRegistration = { readonly ok: true; readonly api: Api } | Refused<ApiFault>;

/**
 * Registers an API with its scopes. What an operator registers is approved; a member's API is where its organization has
 * proven the host, else it only lays claim to its identifier: nobody can take a name that is not theirs.
 */
export async function registerApi(platform: Platform, actor: Actor, input: NewApi): Promise<ApiRegistration> {
  const judged = judgeInput(input, platform.config.issuer);
  if (!judged.ok) return judged;
  const { identifier, name, scopes } = judged;
  const { organizationId, tokenFormat = 'opaque' } = input;

  return inTransaction(platform, async (tx): Promise<ApiRegistration> => {
    if (await actsFrozen(tx, actor)) return refused('frozen', FROZEN);
    const organization = await findOrganization(tx, organizationId);
    if (!organization) return refused('organization', 'No organization has this ID. Create it first.');
    const right = await mayBeNamed(tx, actor, organizationId, identifier);
    if (!right.ok) return right;
    if (actor.kind === 'account' && (await hasTooMany(tx, organizationId))) {
      return refused('too-many', `An organization can have at most ${MOST_APIS} APIs. Delete one first.`);
    }
    const domain = await settleTrustDomain(tx, actor, input.trustDomainId);
    if (!domain.ok) return domain;
    const { trustDomainId } = domain;
    const api = { organizationId, identifier, name, tokenFormat, trustDomainId };
    const row = await insertApi(tx, api, scopes, right.approved);
    if (!row) return refused('identifier', TAKEN);
    const names = scopes.map((scope) => scope.name);
    const details = { organization: organizationId, identifier, name, tokenFormat, scopes: names };
    const target = { kind: 'api', id: row.id };
    await recordEvent(tx, actor, 'api.created', target, { ...details, approved: right.approved });
    return { ok: true, api: viewOf(row) };
  });
}

export const TAKEN = 'Another API already has this identifier. Choose a different one.';

async function hasTooMany(tx: Platform, organizationId: string): Promise<boolean> {
  await holdOrganization(tx, organizationId);
  return (await tx.db.api.count({ where: { organizationId } })) >= MOST_APIS;
}

/** undefined where the identifier is taken: of two at once the later one waits for the earlier, then inserts nothing. */
async function insertApi(
  { db, clock }: Platform,
  api: Pick<Api, 'organizationId' | 'identifier' | 'name' | 'tokenFormat' | 'trustDomainId'>,
  scopes: readonly ApiScope[],
  approved: boolean,
): Promise<ApiRow | undefined> {
  const { identifier } = api;
  const ids = { id: newId(), clientId: newPublicId('api') };
  const taken = await db.api.count({ where: { identifier: { in: storedSpellings(identifier) } } });
  if (taken > 0) return undefined;
  const names = { identifier: approved ? identifier : null, claimedIdentifier: identifier };
  const data = { ...api, ...ids, ...names, createdAt: clock.now() };
  const [row] = await db.api.createManyAndReturn({ data, skipDuplicates: true });
  if (row) await db.scope.createMany({ data: scopes.map((scope) => ({ ...scope, apiId: row.id })) });
  return row;
}

/** The API with this identifier, in any spelling that normalizes to it. */
export async function findApi({ db }: Platform, identifier: string): Promise<Api | undefined> {
  const normalized = normalizeIdentifier(identifier);
  if (!normalized.ok) return undefined;
  const spellings = storedSpellings(normalized.identifier);
  const row = await db.api.findFirst({ where: { identifier: { in: spellings } } });
  return row ? viewOf(row) : undefined;
}

/** Approved or not. */
export async function findApiById({ db }: Platform, id: string): Promise<Api | undefined> {
  const row = await db.api.findUnique({ where: { id } });
  return row ? viewOf(row) : undefined;
}

export interface ApiPage {
  readonly apis: Api[];
  /** Where the next page starts: pass it as `after`. Undefined on the last page. */
  readonly next?: string;
}

/** The APIs of an organization, newest first, approved or not. */
export async function listApis(
  { db }: Platform,
  { organizationId, after, limit = 50 }: { organizationId: string; after?: string; limit?: number },
): Promise<ApiPage> {
  const rows = await db.api.findMany({
    where: { organizationId, ...(after && { id: { lt: after } }) },
    orderBy: { id: 'desc' },
    take: limit + 1,
  });
  const apis = rows.slice(0, limit).map(viewOf);
  const next = apis.at(-1)?.id;
  return rows.length > limit && next !== undefined ? { apis, next } : { apis };
}

/** A row as owners see it. */
export function viewOf({ claimedIdentifier, ...row }: ApiRow): Api {
  return {
    ...row,
    identifier: row.identifier ?? claimedIdentifier ?? '',
    approved: row.identifier !== null,
    tokenFormat: row.tokenFormat as TokenFormat,
    minimumAcr: row.minimumAcr as MinimumAcr | null,
  };
}

interface JudgedApi {
  readonly ok: true;
  readonly identifier: string;
  readonly name: string;
  readonly scopes: ApiScope[];
}

function judgeInput(input: NewApi, issuer: string): JudgedApi | Refused<ApiFault> {
  const identified = normalizeIdentifier(input.identifier);
  if (!identified.ok) return refused('identifier', identified.sentence);
  if (identified.identifier === issuer) {
    // A token for this audience could pass for one that is meant for the server itself.
    return refused('identifier', 'That is the address of this service itself. Use the address of the API.');
  }
  const cleaned = cleanName(input.name);
  if (!cleaned.ok) return refused('name', cleaned.sentence);
  const scopes = new Map<string, ApiScope>();
  for (const { name, description } of input.scopes ?? []) {
    const judged = newScope(name, description);
    if (!judged.ok) return refused('scope', judged.sentence);
    if (scopes.has(name)) return refused('scope', `The scope ${name} is named twice. Keep one of them.`);
    scopes.set(name, judged.scope);
  }
  if (scopes.size > MOST_SCOPES) return refused('scope', `An API can have at most ${MOST_SCOPES} scopes.`);
  return { ok: true, identifier: identified.identifier, name: cleaned.name, scopes: [...scopes.values()] };
}
