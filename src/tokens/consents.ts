import type { Consent } from '../../prisma/generated/client.ts';
import type { Actor } from '../audit/actor.ts';
import { recordEvent } from '../audit/trail.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { inTransaction } from '../platform/transaction.ts';
import { type ConsentEnd, momentOf } from './consent-ends.ts';
import { endGrants, moveGrantEnds } from './grants.ts';

/** The resource under which identity scopes (openid, profile, email, offline_access) are kept. */
export const IDENTITY = '';

/** What an account allows a client at one resource: an API identifier, or IDENTITY. */
export interface ConsentedScopes {
  readonly resource: string;
  readonly scopes: readonly string[];
}

/** A consent that has not ended. All consents of an account to one client end together. */
export interface LiveConsent extends ConsentedScopes, ConsentEnd {
  readonly clientId: string;
  readonly grantedAt: Date;
  /** When the person last saw the app and allowed it something; null: at grantedAt. */
  readonly confirmedAt: Date | null;
  readonly lastUsedAt: Date | null;
}

/** Whose consent it is, and to which app. */
export interface Parties {
  readonly accountId: string;
  readonly clientId: string;
}

/** The consents of an account, to one client where given, that have not ended. */
export async function liveConsents(
  { db, clock }: Platform,
  accountId: string,
  clientId?: string,
): Promise<LiveConsent[]> {
  const rows = await db.consent.findMany({
    where: { accountId, ...(clientId !== undefined && { clientId }) },
    orderBy: { id: 'asc' },
  });
  return rows.filter((row) => isLive(row, clock.now()));
}

/** How many people ever allowed one of these clients something and have not taken it back. */
export async function countPeopleWhoAllowed(
  { db }: Pick<Platform, 'db'>,
  clientIds: readonly string[],
): Promise<number> {
  const [row] = await db.$queryRaw<{ people: number }[]>`
    SELECT count(DISTINCT account_id)::int AS people FROM consents WHERE client_id = ANY(${[...clientIds]})`;
  return row?.people ?? 0;
}

function isLive(row: Consent, now: Date): boolean {
  const moment = momentOf(row, row.lastUsedAt ?? row.grantedAt);
  return moment === null || moment > now;
}

/** What a person allows. */
export interface Allowance extends Parties {
  readonly allowed: readonly ConsentedScopes[];
  /** Holds for everything the client was allowed, now and before. */
  readonly end: ConsentEnd;
  /** Leaves the end that stands, where one does. */
  readonly keepEnd?: boolean;
}

/** Adds to what the account allowed the client before. An ended consent starts anew instead of coming back to life. */
export async function giveConsent(
  platform: Platform,
  actor: Actor,
  { accountId, clientId, allowed, end: chosen, keepEnd = false }: Allowance,
): Promise<void> {
  const parties = { accountId, clientId };
  await inTransaction(platform, async (tx) => {
    const standing = await standingConsents(tx, parties);
    for (const { resource, scopes } of allowed) {
      const before = standing.find((consent) => consent.resource === resource)?.scopes ?? [];
      await saveConsent(tx, parties, { resource, scopes: [...new Set([...before, ...scopes])] });
    }
    const end = (keepEnd && standing[0]) || chosen;
    await setEnd(tx, parties, end, { used: true });
    const details = {
      account: accountId,
      scopes: allowed.flatMap(({ resource, scopes }) => scopes.map((scope) => `${resource} ${scope}`.trim())),
      ...endDetails(end),
    };
    await recordEvent(tx, actor, 'consent.given', { kind: 'client', id: clientId }, details);
  });
}

/** Gives the standing consent another end, sooner or later, and its live grants with it. False where there is none. */
export async function changeConsentEnd(
  platform: Platform,
  actor: Actor,
  { end, ...parties }: Parties & { end: ConsentEnd },
): Promise<boolean> {
  return inTransaction(platform, async (tx) => {
    const standing = await standingConsents(tx, parties);
    if (standing.length === 0) return false;
    const grants = await setEnd(tx, parties, end);
    const details = { account: parties.accountId, ...endDetails(end), grants };
    await recordEvent(tx, actor, 'consent.changed', { kind: 'client', id: parties.clientId }, details);
    return true;
  });
}

/** Takes everything back that the account allowed the client, with every grant it holds. False where there was nothing. */
export async function withdrawConsent(platform: Platform, actor: Actor, parties: Parties): Promise<boolean> {
  return inTransaction(platform, async (tx) => {
    const standing = await standingConsents(tx, parties);
    await tx.db.consent.deleteMany({ where: { ...parties } });
    const grantsRevoked = await endGrants(tx, parties);
    if (standing.length === 0 && grantsRevoked === 0) return false;
    // Whoever tells the APIs of it finds no consent any more.
    const resources = standing.map(({ resource }) => resource).filter((resource) => resource !== IDENTITY);
    const details = { account: parties.accountId, grantsRevoked, resources };
    await recordEvent(tx, actor, 'consent.withdrawn', { kind: 'client', id: parties.clientId }, details);
    return true;
  });
}

/** Part of the deletion of a client: takes back what anybody allowed it. Answers how many consents there were. */
export async function withdrawConsentsTo({ db }: Platform, clientId: string): Promise<number> {
  const { count } = await db.consent.deleteMany({ where: { clientId } });
  return count;
}

/**
 * What stands, locked until the transaction ends: whoever writes a grant under it waits and then sees what became of
 * it (flush-statement.ts). What has ended is cleared away, so that no change of the end brings it back.
 */
async function standingConsents(tx: Platform, { accountId, clientId }: Parties): Promise<LiveConsent[]> {
  await tx.db.$executeRaw`
    SELECT FROM consents WHERE account_id = ${accountId}::uuid AND client_id = ${clientId} ORDER BY id FOR UPDATE`;
  const rows = await tx.db.consent.findMany({ where: { accountId, clientId } });
  const now = tx.clock.now();
  const ended = rows.filter((row) => !isLive(row, now));
  await tx.db.consent.deleteMany({ where: { id: { in: ended.map(({ id }) => id) } } });
  return rows.filter((row) => isLive(row, now));
}

async function saveConsent(
  { db, clock }: Platform,
  parties: Parties,
  { resource, scopes }: ConsentedScopes,
): Promise<void> {
  await db.consent.upsert({
    where: { accountId_clientId_resource: { ...parties, resource } },
    create: { id: newId(), ...parties, resource, scopes: [...scopes], grantedAt: clock.now() },
    update: { scopes: [...scopes] },
  });
}

/** Answers how many live grants took the end on. */
async function setEnd(
  tx: Platform,
  parties: Parties,
  { until, unusedSeconds }: ConsentEnd,
  { used = false }: { used?: boolean } = {},
): Promise<number> {
  await tx.db.consent.updateMany({
    where: { ...parties },
    data: { until, unusedSeconds, ...(used && { lastUsedAt: tx.clock.now(), confirmedAt: tx.clock.now() }) },
  });
  return moveGrantEnds(tx, parties, { until, unusedSeconds });
}

function endDetails({ until, unusedSeconds }: ConsentEnd) {
  return { until: until?.toISOString() ?? null, unusedSeconds };
}

/**
 * Takes a scope that its API does not have any more out of every consent: should its name come back, people are asked
 * again. Part of the change that removes it.
 */
export async function forgetConsentedScope({ db }: Platform, resource: string, name: string): Promise<void> {
  await db.$executeRaw`
    UPDATE consents SET scopes = array_remove(scopes, ${name}) WHERE resource = ${resource} AND ${name} = ANY (scopes)`;
}

/** Forgets what people allowed at an API. Part of the change that deletes it. */
export async function withdrawConsentsAt({ db }: Platform, resource: string): Promise<void> {
  await db.consent.deleteMany({ where: { resource } });
}
