import { eventsOfAccount, lastTime } from '../../audit/account-events.ts';
import type { Actor } from '../../audit/actor.ts';
import { AUDIT_ACTIONS } from '../../audit/events.ts';
import { recordEvent } from '../../audit/trail.ts';
import { accountSuspensionsOf, browsersOf } from '../../defense/held.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { consentsOf, grantsOf } from '../../tokens/held.ts';

/**
 * One part of everything we hold about a person. Upper floors hand theirs in, because accounts/ does not know them.
 * No part holds a secret, a digest or a sealed value.
 */
export interface DataPart {
  /** The key it stands under in the file. */
  readonly name: string;
  read(platform: Platform, accountId: string): Promise<unknown>;
}

/** Seconds between two downloads. */
export const DOWNLOAD_PAUSE_SECONDS = 60;

export type Download =
  | { readonly ok: true; readonly data: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly reason: 'too-soon' };

/** Everything we hold about the account. Of two requests at the same time one waits for the other and is too soon. */
export async function downloadData(
  platform: Platform,
  actor: Actor,
  { accountId, parts }: { accountId: string; parts: readonly DataPart[] },
): Promise<Download> {
  const admitted = await inTransaction(platform, async (tx) => {
    await tx.db.$queryRaw`SELECT id FROM accounts WHERE id = ${accountId}::uuid FOR UPDATE`;
    const last = await lastTime(tx, accountId, 'account.downloaded');
    const now = tx.clock.now().getTime();
    if (last && now - last.getTime() < DOWNLOAD_PAUSE_SECONDS * 1000) return false;
    await recordEvent(tx, actor, 'account.downloaded', { kind: 'account', id: accountId });
    return true;
  });
  if (!admitted) return { ok: false, reason: 'too-soon' };
  const data: Record<string, unknown> = {};
  for (const { name, read } of [...OWN_PARTS, ...parts]) data[name] = await read(platform, accountId);
  return { ok: true, data };
}

/** What this floor and the ones below hold, column by column: a new column is not given away by accident. */
const OWN_PARTS: readonly DataPart[] = [
  { name: 'account', read: readAccount },
  { name: 'sign_in_methods', read: readSignInMethods },
  { name: 'sessions', read: readSessions },
  { name: 'requests_under_way', read: readRequests },
  { name: 'known_browsers', read: browsersOf },
  { name: 'suspensions', read: accountSuspensionsOf },
  { name: 'consents', read: consentsOf },
  { name: 'access', read: grantsOf },
  { name: 'events', read: readEvents },
];

function readAccount({ db }: Platform, id: string): Promise<unknown> {
  return db.account.findUniqueOrThrow({
    where: { id },
    select: {
      ...{ id: true, email: true, emailVerifiedAt: true, name: true, locale: true, operator: true },
      ...{ closesAt: true, frozenUntil: true, createdAt: true, updatedAt: true },
      obligations: { select: { kind: true, source: true, createdAt: true } },
      trustDomains: {
        select: { origin: true, createdAt: true, trustDomain: { select: { name: true, title: true } } },
      },
    },
  });
}

function readSignInMethods({ db }: Platform, id: string): Promise<unknown> {
  const times = { createdAt: true, lastUsedAt: true } as const;
  return db.account.findUniqueOrThrow({
    where: { id },
    select: {
      password: { select: { changedAt: true } },
      totp: { select: { id: true, name: true, confirmedAt: true, ...times } },
      passkeys: {
        select: { id: true, name: true, aaguid: true, backedUp: true, transports: true, ...times },
      },
      recoveryCodes: { select: { createdAt: true, usedAt: true } },
      trustedBrowsers: { select: { userAgent: true, createdAt: true, rotatedAt: true, expiresAt: true } },
    },
  });
}

function readSessions({ db }: Platform, accountId: string): Promise<unknown> {
  return db.browserSession.findMany({
    where: { accountId },
    select: {
      ...{
        id: true,
        userAgent: true,
        address: true,
        acr: true,
        amr: true,
        createdAt: true,
        completedAt: true,
      },
      ...{ authenticatedAt: true, lastSeenAt: true, expiresAt: true, endedAt: true },
    },
    orderBy: { id: 'asc' },
  });
}

function readRequests({ db }: Platform, id: string): Promise<unknown> {
  const times = { createdAt: true, expiresAt: true } as const;
  return db.account.findUniqueOrThrow({
    where: { id },
    select: {
      passwordResets: { select: { ...times, consumedAt: true } },
      factorResets: { select: { ...times, dueAt: true, cancelledAt: true, completedAt: true } },
      emailChanges: {
        select: {
          ...{ oldEmail: true, newEmail: true, createdAt: true },
          ...{ confirmedAt: true, undoUntil: true, undoneAt: true },
        },
      },
    },
  });
}

const BATCH = 1000;

async function readEvents(platform: Platform, accountId: string): Promise<unknown> {
  const events = [];
  for (let before: string | undefined; ; before = events.at(-1)?.id) {
    const query = { accountId, actions: AUDIT_ACTIONS, before, take: BATCH };
    const batch = await eventsOfAccount(platform, query);
    events.push(...batch);
    if (batch.length < BATCH) return events;
  }
}
