import type { AccessCode } from '../../../prisma/generated/client.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { digestOf, handleKind } from '../../platform/crypto/secrets.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import type { ClientView } from '../clients/client.ts';
import { addAccess } from './access.ts';
import { refuseAgain } from './access-ends.ts';
import { tellApiOwners, tellAppOwners } from './access-letters.ts';
import { type Api, findApiById } from '../apis/api.ts';
import { sensitivities } from './entitlement.ts';
import { appFor, settleTerms } from './take-access.ts';

export type RedemptionFault = 'code' | 'app' | 'terms' | 'opening';

/** What a code is good for now, as it was judged again. */
export interface HeldCode {
  readonly ok: true;
  readonly code: AccessCode;
  readonly api: Api;
  /** Those that the API still has. */
  readonly scopes: readonly string[];
  /** Of these the ones that ask for a verified publisher. */
  readonly sensitive: readonly string[];
}

/**
 * Finds a code and holds it until the transaction ends, so that redemptions of one code wait for each other. Whatever is
 * no code, by its checksum, costs the database nothing.
 */
export async function holdCode(tx: Platform, presented: string): Promise<HeldCode | Refused<'code'>> {
  const raw = presented.trim();
  if (handleKind(raw) !== 'accesscode') {
    return refused('code', 'This is no access code. Copy all of it, from gate_accesscode_ to its end.');
  }
  const digest = digestOf(raw);
  await tx.db.$executeRaw`SELECT FROM access_codes WHERE digest = ${digest} FOR UPDATE`;
  const code = await tx.db.accessCode.findUnique({ where: { digest } });
  const fault = code
    ? faultOf(code, tx.clock.now())
    : 'Nobody knows this access code. Ask whoever gave it to you.';
  if (!code || fault) return refused('code', fault ?? GONE);
  const api = await findApiById(tx, code.apiId);
  const known = await sensitivities(tx, code.apiId);
  const scopes = code.scopes.filter((name) => known.has(name));
  if (!api?.approved || scopes.length === 0) return refused('code', GONE);
  return { ok: true, code, api, scopes, sensitive: scopes.filter((name) => known.get(name) !== 'basic') };
}

const GONE = 'What this code opened is gone: the API, or all of its scopes. Ask its owner for a new code.';

function faultOf({ endedAt, usesLeft, fromAt, untilAt }: AccessCode, now: Date): string | undefined {
  if (endedAt) return 'This access code was ended. Ask the owner of the API for a new one.';
  if (usesLeft < 1) return 'This access code is used up. Ask the owner of the API for a new one.';
  if (now < fromAt) return `This access code works from ${fromAt.toISOString()} on. Come back then.`;
  if (now >= untilAt) return 'This access code has run out. Ask the owner of the API for a new one.';
  return undefined;
}

/** A member redeems a code for one of their apps. */
export interface Redemption {
  readonly code: string;
  readonly clientId: string;
  /** Of the app. */
  readonly organizationId: string;
  readonly accountId: string;
  readonly termsVersion?: number | undefined;
}

export type Redeemable = HeldCode | Refused<RedemptionFault>;

/** What a code would give an app; uses nothing up. */
export async function previewCode(
  platform: Platform,
  redemption: Pick<Redemption, 'code' | 'clientId' | 'organizationId'>,
): Promise<Redeemable> {
  return inTransaction(platform, async (tx): Promise<Redeemable> => {
    const judged = await judgeForApp(tx, redemption);
    return judged.ok ? judged.held : judged;
  });
}

export type Redeemed =
  | { readonly ok: true; readonly accessId: string; readonly api: Api; readonly until: Date | null }
  | Refused<RedemptionFault>;

/** Redeems a code for an app. Both sides are told. */
export async function redeemForApp(
  platform: Platform,
  actor: Actor,
  redemption: Redemption,
): Promise<Redeemed> {
  return inTransaction(platform, async (tx): Promise<Redeemed> => {
    const judged = await judgeForApp(tx, redemption);
    if (!judged.ok) return judged;
    const { held, client } = judged;
    const terms = await settleTerms(tx, actor, redemption, held.api);
    if (!terms.ok) return terms;
    const access = await useCode(tx, actor, held, client, terms.version);
    await tellApiOwners(tx, 'redeemed', { client, api: held.api }, 'accesses');
    await tellAppOwners(tx, 'redeemed', { client, api: held.api });
    return { ok: true, accessId: access.id, api: held.api, until: access.until };
  });
}

async function judgeForApp(
  tx: Platform,
  { code: presented, clientId, organizationId }: Pick<Redemption, 'code' | 'clientId' | 'organizationId'>,
): Promise<{ ok: true; held: HeldCode; client: ClientView } | Refused<RedemptionFault>> {
  const held = await holdCode(tx, presented);
  if (!held.ok) return held;
  const { code, api, sensitive } = held;
  const side = await appFor(tx, { clientId, organizationId }, api.id);
  if (!side.ok) return side;
  const { client } = side;
  if (code.organizationId !== null && code.organizationId !== organizationId) {
    return refused(
      'code',
      'This code is for another organization. Ask the owner of the API for one of your own.',
    );
  }
  if (code.keyThumbprint !== null && !(await holdsKey(tx, clientId, code.keyThumbprint))) {
    return refused(
      'code',
      `This code is for the holder of the key ${code.keyThumbprint}. Add that key to the app and let the app prove itself with it, then redeem the code.`,
    );
  }
  if (sensitive[0] !== undefined && !client.verifiedAt) {
    return refused(
      'app',
      `Only an app of a verified publisher may use ${sensitive[0]}. Have its publisher verified, then redeem the code.`,
    );
  }
  const again = await refuseAgain(tx, { clientId, originId: code.id });
  return again ?? { ok: true, held, client };
}

/** A public key may be pasted in by anybody: only one that the app has proven itself with is its own. */
async function holdsKey({ db }: Platform, clientId: string, thumbprint: string): Promise<boolean> {
  return (
    (await db.clientKey.count({
      where: { clientId, thumbprint, endedAt: null, lastUsedAt: { not: null } },
    })) > 0
  );
}

/** Counts the code down by one statement and gives the access. Throws where somebody was faster, which the lock forbids. */
export async function useCode(
  tx: Platform,
  actor: Actor,
  { code, api, scopes }: HeldCode,
  client: Pick<ClientView, 'id'>,
  termsVersion: number,
): Promise<{ id: string; until: Date | null }> {
  const { count } = await tx.db.accessCode.updateMany({
    where: { id: code.id, usesLeft: { gt: 0 }, endedAt: null },
    data: { usesLeft: { decrement: 1 } },
  });
  if (count === 0) throw new Error('an access code was used up while it was held');
  const parties = { clientId: client.id, apiId: api.id, origin: 'code', originId: code.id } as const;
  const { days, peoplePerDay, requestsPerMinute } = code;
  const given = { scopes, days, peoplePerDay, requestsPerMinute, termsVersion };
  const access = await addAccess(tx, actor, { ...parties, ...given });
  const details = { code: code.id, client: client.id, access: access.id };
  await recordEvent(tx, actor, 'access-code.redeemed', { kind: 'api', id: api.id }, details);
  return access;
}
