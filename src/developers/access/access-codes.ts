import type { AccessCode as CodeRow } from '../../../prisma/generated/client.ts';
import { actsFrozen } from '../../accounts/recovery/frozen.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { digestOf, type IssuedSecret, newHandle } from '../../platform/crypto/secrets.ts';
import { newId, UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { FROZEN } from '../frozen.ts';
import { cleanName } from '../names.ts';
import { findOrganization } from '../organizations/organization.ts';
import { findApiById } from '../apis/api.ts';
import { type Entitlement, type EntitlementFault, judgeEntitlement } from './entitlement.ts';

/** A code as its issuers see it: never the code itself. */
export interface AccessCode extends Entitlement {
  readonly id: string;
  readonly label: string;
  readonly usesLeft: number;
  /** When it may be redeemed. */
  readonly fromAt: Date;
  readonly untilAt: Date;
  readonly organizationId: string | null;
  readonly keyThumbprint: string | null;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

export interface NewAccessCode extends Entitlement {
  readonly apiId: string;
  /** Of the API. */
  readonly organizationId: string;
  /** The member who makes it; null where an operator does. */
  readonly accountId: string | null;
  readonly label: string;
  readonly uses: number;
  /** Undefined: from now on. */
  readonly fromAt?: Date | undefined;
  readonly untilAt: Date;
  /** Only apps of this organization may redeem it. */
  readonly forOrganization?: string | undefined;
  /** Only whoever holds this key may (RFC 7638 thumbprint). */
  readonly keyThumbprint?: string | undefined;
}

export type CodeFault =
  | 'api'
  | 'label'
  | 'uses'
  | 'untilAt'
  | 'forOrganization'
  | 'keyThumbprint'
  | 'too-many'
  | 'frozen'
  | EntitlementFault;

export type CodeMade =
  | { readonly ok: true; readonly id: string; readonly issued: IssuedSecret }
  | Refused<CodeFault>;

export const MOST_USES = 10_000;
export const MOST_CODES = 500;
/** A code that nobody redeems for so long is not waited for. */
export const LONGEST_REDEEMABLE_DAYS = 366;

/** Makes a code that opens an API to whoever redeems it. It leaves here once and is stored as a digest. */
export async function makeCode(platform: Platform, actor: Actor, input: NewAccessCode): Promise<CodeMade> {
  const fault = judgeFrame(input, platform.clock.now());
  if (fault) return fault;
  const label = cleanName(input.label, 'The label', 80);
  if (!label.ok) return refused('label', label.sentence);
  return inTransaction(platform, async (tx): Promise<CodeMade> => {
    if (await actsFrozen(tx, actor)) return refused('frozen', FROZEN);
    const { apiId, organizationId, forOrganization } = input;
    const api = await findApiById(tx, apiId);
    if (!api || api.organizationId !== organizationId) return refused('api', 'No API has this ID.');
    const { scopes, days, peoplePerDay, requestsPerMinute } = input;
    const wish = { scopes, days, peoplePerDay, requestsPerMinute };
    const judged = await judgeEntitlement(tx, apiId, wish, { looked: true });
    if (!judged.ok) return judged;
    if (forOrganization !== undefined && !(await findOrganization(tx, forOrganization))) {
      return refused(
        'forOrganization',
        'No organization has this ID. Leave it empty for whoever has the code.',
      );
    }
    const now = tx.clock.now();
    const live = { apiId, endedAt: null, usesLeft: { gt: 0 }, untilAt: { gt: now } };
    if ((await tx.db.accessCode.count({ where: live })) >= MOST_CODES) {
      return refused('too-many', `An API has at most ${MOST_CODES} live codes. End one that is not needed.`);
    }
    return insertCode(tx, actor, { ...input, ...judged.entitlement, label: label.name });
  });
}

async function insertCode(tx: Platform, actor: Actor, input: NewAccessCode): Promise<CodeMade> {
  const { apiId, label, scopes, days, peoplePerDay, requestsPerMinute, uses, untilAt } = input;
  const createdAt = tx.clock.now();
  const secret = newHandle('accesscode', createdAt);
  const id = newId();
  await tx.db.accessCode.create({
    data: {
      ...{ id, apiId, digest: digestOf(secret), label, scopes: [...scopes] },
      ...{ days, peoplePerDay, requestsPerMinute, usesLeft: uses, untilAt, createdAt },
      fromAt: input.fromAt ?? createdAt,
      organizationId: input.forOrganization ?? null,
      keyThumbprint: input.keyThumbprint ?? null,
      createdBy: input.accountId,
    },
  });
  const details = { code: id, scopes: [...scopes], uses, days, until: untilAt.toISOString() };
  await recordEvent(tx, actor, 'access-code.made', { kind: 'api', id: apiId }, details);
  return { ok: true, id, issued: { secret } };
}

const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;

function judgeFrame(
  { uses, fromAt, untilAt, keyThumbprint }: NewAccessCode,
  now: Date,
): Refused<CodeFault> | undefined {
  if (!Number.isInteger(uses) || uses < 1 || uses > MOST_USES) {
    return refused('uses', `Give a whole number of uses from 1 to ${MOST_USES}, such as 1.`);
  }
  const latest = new Date((fromAt ?? now).getTime() + LONGEST_REDEEMABLE_DAYS * 86_400_000);
  if (untilAt <= now || untilAt <= (fromAt ?? now) || untilAt > latest) {
    return refused('untilAt', 'Choose a last day to redeem it, within a year from the first.');
  }
  if (keyThumbprint === undefined || THUMBPRINT.test(keyThumbprint)) return undefined;
  return refused(
    'keyThumbprint',
    'A thumbprint is the SHA-256 of a public key by RFC 7638: 43 characters such as NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs.',
  );
}

export type CodeEnd = { readonly ok: true } | Refused<'code'>;

/** Nobody redeems it any more. What came of it goes on: an access is ended where the accesses are. */
export async function endCode(
  platform: Platform,
  actor: Actor,
  { id, apiId }: { id: string; apiId?: string },
): Promise<CodeEnd> {
  if (!UUID.test(id)) return refused('code', UNKNOWN);
  return inTransaction(platform, async (tx): Promise<CodeEnd> => {
    const [code] = await tx.db.accessCode.updateManyAndReturn({
      where: { id, ...(apiId !== undefined && { apiId }), endedAt: null },
      data: { endedAt: tx.clock.now() },
    });
    if (!code) return refused('code', UNKNOWN);
    await recordEvent(tx, actor, 'access-code.ended', { kind: 'api', id: code.apiId }, { code: id });
    return { ok: true };
  });
}

const UNKNOWN = 'There is no code with this ID that still stands.';

/** The codes of an API, the newest first, from `after` on. */
export async function listCodes(
  { db }: Platform,
  apiId: string,
  { after, limit = 50 }: { after?: string | undefined; limit?: number } = {},
): Promise<{ codes: AccessCode[]; next?: string }> {
  const rows = await db.accessCode.findMany({
    where: { apiId, ...(after && { id: { lt: after } }) },
    orderBy: { id: 'desc' },
    take: limit + 1,
  });
  const codes = rows.slice(0, limit).map(codeOf);
  const next = codes.at(-1)?.id;
  return rows.length > limit && next !== undefined ? { codes, next } : { codes };
}

function codeOf({ apiId: _, digest: __, createdBy: ___, ...code }: CodeRow): AccessCode {
  return code;
}
