import type { Actor } from '../audit/actor.ts';
import { recordEvent } from '../audit/trail.ts';
import type { Platform } from '../platform/platform.ts';
import { type Refused, refused } from '../platform/refused.ts';
import { inTransaction } from '../platform/transaction.ts';
import { revokeGrantsOfAccount } from '../tokens/revocation.ts';
import { normalizeAddress } from './addresses.ts';
import { endSessionsOfAccount } from './sessions/sessions.ts';
import {
  findTrustDomain,
  findTrustDomainNamed,
  MAIN_DOMAIN,
  noSuchDomain,
  type TrustDomain,
} from './trust-domains.ts';

/** How an account came to a domain. Only what came with its mail domain goes with it. */
export type MembershipOrigin = 'sign-up' | 'mail-domain' | 'invitation' | 'operator';

export type MembershipChange =
  | { readonly ok: true; readonly domain: TrustDomain; readonly changed: boolean }
  | Refused<'account' | 'domain' | 'last'>;

/** An account and a domain as an operator types them. */
interface Named {
  readonly email: string;
  readonly domain: string;
}

/** At an operator's word. Whoever joins keeps what they had. */
export async function addToDomain(platform: Platform, actor: Actor, named: Named): Promise<MembershipChange> {
  return inTransaction(platform, async (tx): Promise<MembershipChange> => {
    const found = await findBoth(tx, named);
    if (!found.ok) return found;
    const { accountId, domain } = found;
    const joined = await join(tx, actor, accountId, [{ trustDomainId: domain.id, origin: 'operator' }]);
    if (joined === 0) await keepWhateverAddress(tx, actor, accountId, domain.id);
    if (joined > 0) await endSessionsOfAccount(tx, actor, { accountId });
    return { ok: true, domain, changed: joined > 0 };
  });
}

/** What came with the mail domain no longer goes with it once an operator says so. */
async function keepWhateverAddress(tx: Platform, actor: Actor, accountId: string, trustDomainId: string) {
  const { count } = await tx.db.trustDomainMember.updateMany({
    where: { accountId, trustDomainId, origin: 'mail-domain' },
    data: { origin: 'operator' },
  });
  if (count === 0) return;
  const details = { ...(await recorded(tx, trustDomainId)), origin: 'operator' };
  await recordEvent(tx, actor, 'trust-domain.joined', { kind: 'account', id: accountId }, details);
}

/** Ends a membership and with it everything the account had allowed: apps ask anew in the domains that are left. */
export async function removeFromDomain(
  platform: Platform,
  actor: Actor,
  named: Named,
): Promise<MembershipChange> {
  return inTransaction(platform, async (tx): Promise<MembershipChange> => {
    const found = await findBoth(tx, named);
    if (!found.ok) return found;
    const { accountId, domain } = found;
    const memberships = await membershipsOf(tx, accountId);
    if (!memberships.some(({ trustDomainId }) => trustDomainId === domain.id))
      return { ok: true, domain, changed: false };
    if (memberships.length === 1)
      return refused('last', 'An account belongs to at least one trust domain. Add it to another one first.');
    await leave(tx, actor, accountId, [domain.id]);
    await endSessionsOfAccount(tx, actor, { accountId });
    return { ok: true, domain, changed: true };
  });
}

/** For a new account, in the transaction that makes it: an invitation's domain and those of its address; else main. */
export async function joinAtSignUp(
  tx: Platform,
  actor: Actor,
  { accountId, emailKey, invitedTo }: { accountId: string; emailKey: string; invitedTo?: string | null },
): Promise<void> {
  const invited = invitedTo ? [{ trustDomainId: invitedTo, origin: 'invitation' as const }] : [];
  const byMail = (await domainsOfAddress(tx, emailKey)).filter((id) => id !== invitedTo);
  const wanted = byMail.map((trustDomainId) => ({ trustDomainId, origin: 'mail-domain' as const }));
  await insert(tx, actor, accountId, [...invited, ...wanted]);
}

/**
 * After a change of address, in its transaction: memberships of the old mail domain end, those of the new begin. True
 * where anything changed: the caller then ends every session, because other rules may hold for the next sign-in.
 */
export async function followAddress(
  tx: Platform,
  actor: Actor,
  { accountId, emailKey }: { accountId: string; emailKey: string },
): Promise<boolean> {
  await lockMemberships(tx, accountId);
  const before = await membershipsOf(tx, accountId);
  const wanted = await domainsOfAddress(tx, emailKey);
  const lost = before
    .filter(({ origin, trustDomainId }) => origin === 'mail-domain' && !wanted.includes(trustDomainId))
    .map(({ trustDomainId }) => trustDomainId);
  const gained = wanted.filter((id) => !before.some(({ trustDomainId }) => trustDomainId === id));
  await join(
    tx,
    actor,
    accountId,
    gained.map((trustDomainId) => ({ trustDomainId, origin: 'mail-domain' })),
  );
  await leave(tx, actor, accountId, lost);
  return gained.length > 0 || lost.length > 0;
}

interface Membership {
  readonly trustDomainId: string;
  readonly origin: MembershipOrigin;
}

async function findBoth(tx: Platform, { email, domain: name }: Named) {
  const domain = await findTrustDomainNamed(tx, name);
  if (!domain) return noSuchDomain(name);
  const emailKey = normalizeAddress(email)?.emailKey ?? '';
  const account = await tx.db.account.findUnique({ where: { emailKey }, select: { id: true } });
  if (!account) return refused('account', 'No account has this address.');
  await lockMemberships(tx, account.id);
  return { ok: true as const, accountId: account.id, domain };
}

/** One change at a time, or two removals could each count on the membership that the other ends. */
async function lockMemberships({ db }: Platform, accountId: string): Promise<void> {
  await db.$queryRaw`SELECT id FROM accounts WHERE id = ${accountId}::uuid FOR NO KEY UPDATE`;
}

/** Without rows an account belongs to main, since it signed up. */
async function membershipsOf({ db }: Platform, accountId: string): Promise<Membership[]> {
  const select = { trustDomainId: true, origin: true } as const;
  const rows = await db.trustDomainMember.findMany({ where: { accountId }, select });
  return rows.length > 0 ? (rows as Membership[]) : [{ trustDomainId: MAIN_DOMAIN, origin: 'sign-up' }];
}

/** The first row of an account that had none writes down main as well, which it does not leave by joining another. */
async function join(
  tx: Platform,
  actor: Actor,
  accountId: string,
  wanted: readonly Membership[],
): Promise<number> {
  const before = await membershipsOf(tx, accountId);
  const missing = wanted.filter(
    ({ trustDomainId }) => !before.some((membership) => membership.trustDomainId === trustDomainId),
  );
  if (missing.length === 0) return 0;
  const createdAt = tx.clock.now();
  await tx.db.trustDomainMember.createMany({
    data: before.map((membership) => ({ accountId, ...membership, createdAt })),
    skipDuplicates: true,
  });
  await insert(tx, actor, accountId, missing);
  return missing.length;
}

async function insert(
  tx: Platform,
  actor: Actor,
  accountId: string,
  memberships: readonly Membership[],
): Promise<void> {
  const createdAt = tx.clock.now();
  for (const { trustDomainId, origin } of memberships) {
    await tx.db.trustDomainMember.create({ data: { accountId, trustDomainId, origin, createdAt } });
    const target = { kind: 'account', id: accountId };
    const details = { ...(await recorded(tx, trustDomainId)), origin };
    await recordEvent(tx, actor, 'trust-domain.joined', target, details);
  }
}

async function leave(tx: Platform, actor: Actor, accountId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.db.trustDomainMember.deleteMany({ where: { accountId, trustDomainId: { in: [...ids] } } });
  const grantsRevoked = await revokeGrantsOfAccount(tx, accountId);
  for (const domain of ids) {
    const target = { kind: 'account', id: accountId };
    const details = { ...(await recorded(tx, domain)), grantsRevoked };
    await recordEvent(tx, actor, 'trust-domain.left', target, details);
  }
}

/** With its title as it was, for the person who reads of it. */
async function recorded(tx: Platform, domain: string) {
  return { domain, title: (await findTrustDomain(tx, domain))?.title ?? '' };
}

/** Each mail domain exactly as it stands behind the @: a subdomain is another domain. */
async function domainsOfAddress({ db }: Platform, emailKey: string): Promise<string[]> {
  const host = emailKey.slice(emailKey.lastIndexOf('@') + 1);
  const rows = await db.trustDomain.findMany({
    where: { mailDomains: { has: host } },
    select: { id: true },
    orderBy: { name: 'asc' },
  });
  return rows.map(({ id }) => id);
}
