import type { Api as ApiRow } from '../../../prisma/generated/client.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { IssuedSecret } from '../../platform/crypto/secrets.ts';
import { newId, newPublicId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { issueSecret } from '../clients/secrets.ts';
import { cleanName } from '../names.ts';
import { findOrganization } from '../organizations/organization.ts';
import { normalizeIdentifier } from './identifier.ts';
import { type ApiScope, MOST_SCOPES, newScope } from './scopes.ts';

export const TOKEN_FORMATS = ['opaque', 'jwt'] as const;
export type TokenFormat = (typeof TOKEN_FORMATS)[number];

/** A resource server. `clientId` is what it authenticates with when it introspects its tokens. */
export interface Api {
  readonly id: string;
  readonly clientId: string;
  readonly organizationId: string;
  /** In its one stored spelling; what the API will be called where it is not approved yet. */
  readonly identifier: string;
  /** False until its host is proven or an operator approved it: the protocol does not know it before. */
  readonly approved: boolean;
  readonly name: string;
  readonly tokenFormat: TokenFormat;
}

export interface NewApi {
  readonly organizationId: string;
  readonly identifier: string;
  readonly name: string;
  readonly scopes?: readonly { readonly name: string; readonly description: string }[];
  readonly tokenFormat?: TokenFormat;
}

type ApiFault = 'organization' | 'name' | 'identifier' | 'scope';

export type ApiCreation =
  | { readonly ok: true; readonly api: Api; readonly issued: IssuedSecret }
  | Refused<ApiFault>;

/** Registers an API with its scopes; its secret leaves here once and is stored as a digest. */
export async function createApi(platform: Platform, actor: Actor, input: NewApi): Promise<ApiCreation> {
  const judged = judgeInput(input, platform.config.issuer);
  if (!judged.ok) return judged;
  const { identifier, name, scopes } = judged;
  const { organizationId, tokenFormat = 'opaque' } = input;

  return inTransaction(platform, async (tx): Promise<ApiCreation> => {
    const organization = await findOrganization(tx, organizationId);
    if (!organization) return refused('organization', 'No organization has this ID. Create it first.');
    const named = {
      id: newId(),
      clientId: newPublicId('api'),
      organizationId,
      identifier,
      name,
      tokenFormat,
    };
    const api = { ...named, approved: true };
    if (!(await insertApi(tx, api, scopes))) {
      return refused('identifier', 'Another API already has this identifier. Choose a different one.');
    }
    const issued = await issueSecret(tx, api.clientId);
    const names = scopes.map((scope) => scope.name);
    const details = { organization: organizationId, identifier, name, tokenFormat, scopes: names };
    await recordEvent(tx, actor, 'api.created', { kind: 'api', id: api.id }, details);
    return { ok: true, api, issued };
  });
}

/** False where the identifier is taken: of two at once the later one waits for the earlier, then inserts nothing. */
async function insertApi({ db, clock }: Platform, api: Api, scopes: readonly ApiScope[]): Promise<boolean> {
  const { approved: _, ...row } = api;
  const data = { ...row, createdAt: clock.now() };
  const { count } = await db.api.createMany({ data, skipDuplicates: true });
  if (count > 0) await db.scope.createMany({ data: scopes.map((scope) => ({ ...scope, apiId: api.id })) });
  return count > 0;
}

/** The API with this identifier, in any spelling that normalizes to it. */
export async function findApi({ db }: Platform, identifier: string): Promise<Api | undefined> {
  const normalized = normalizeIdentifier(identifier);
  if (!normalized.ok) return undefined;
  const row = await db.api.findUnique({ where: { identifier: normalized.identifier } });
  return row ? viewOf(row) : undefined;
}

/** Approved or not. */
export async function findApiById({ db }: Platform, id: string): Promise<Api | undefined> {
  const row = await db.api.findUnique({ where: { id } });
  return row ? viewOf(row) : undefined;
}

function viewOf(row: ApiRow): Api {
  const { id, clientId, organizationId, name } = row;
  return {
    ...{ id, clientId, organizationId, name },
    identifier: row.identifier ?? row.claimedIdentifier ?? '',
    approved: row.identifier !== null,
    tokenFormat: row.tokenFormat as TokenFormat,
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
