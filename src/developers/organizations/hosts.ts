import { randomBytes } from 'node:crypto';
import { actsFrozen } from '../../accounts/recovery/frozen.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { loseVerifications } from '../clients/verification.ts';
import { FROZEN } from '../frozen.ts';
import { holdOrganization } from './hold-organization.ts';
import { judgeHost } from './host-names.ts';

/** How a host was shown to be an organization's own. */
export type ProofMethod = 'dns' | 'file' | 'operator';

/** A host that an organization claims; its own once `provenAt` is set. */
export interface ClaimedHost {
  /** ASCII, lower case. */
  readonly host: string;
  /** What the DNS record or file must hold. Not a secret. */
  readonly challenge: string;
  readonly method: ProofMethod | null;
  readonly createdAt: Date;
  readonly provenAt: Date | null;
  readonly checkedAt: Date | null;
}

export interface HostWish {
  readonly organizationId: string;
  readonly host: string;
}

export const MOST_HOSTS = 50;

export type HostClaim =
  | { readonly ok: true; readonly host: string }
  | Refused<'host' | 'too-many' | 'frozen'>;

/** Begins the proof of a host: from now on it has a challenge. Claiming one again changes nothing. */
export async function claimHost(platform: Platform, actor: Actor, wish: HostWish): Promise<HostClaim> {
  const judged = judgeHost(wish.host);
  if (!judged.ok) return refused('host', judged.sentence);
  const { organizationId } = wish;
  const { host } = judged;
  return inTransaction(platform, async (tx): Promise<HostClaim> => {
    if (await actsFrozen(tx, actor)) return refused('frozen', FROZEN);
    await holdOrganization(tx, organizationId);
    const claimed = await tx.db.provenHost.findMany({ where: { organizationId }, select: { host: true } });
    if (claimed.some((one) => one.host === host)) return { ok: true, host };
    if (claimed.length >= MOST_HOSTS) {
      return refused('too-many', `An organization can claim at most ${MOST_HOSTS} hosts. Remove one first.`);
    }
    const challenge = randomBytes(32).toString('base64url');
    await tx.db.provenHost.create({ data: { organizationId, host, challenge, createdAt: tx.clock.now() } });
    await recordEvent(tx, actor, 'host.claimed', { kind: 'organization', id: organizationId }, { host });
    return { ok: true, host };
  });
}

export type HostRemoval = { readonly ok: true } | Refused<'host' | 'frozen'>;

/** Gives up a host. The APIs that were approved because of it stay; the apps that people read it beside are verified anew. */
export async function removeHost(platform: Platform, actor: Actor, wish: HostWish): Promise<HostRemoval> {
  const { organizationId, host } = wish;
  return inTransaction(platform, async (tx): Promise<HostRemoval> => {
    if (await actsFrozen(tx, actor)) return refused('frozen', FROZEN);
    const { count } = await tx.db.provenHost.deleteMany({ where: { organizationId, host } });
    if (count === 0) return refused('host', UNCLAIMED);
    await recordEvent(tx, actor, 'host.removed', { kind: 'organization', id: organizationId }, { host });
    await loseVerifications(tx, actor, organizationId);
    return { ok: true };
  });
}

/** Every host that an organization claimed, by name. */
export async function listHosts({ db }: Platform, organizationId: string): Promise<ClaimedHost[]> {
  const rows = await db.provenHost.findMany({ where: { organizationId }, orderBy: { host: 'asc' } });
  return rows.map((row) => ({ ...row, method: row.method as ProofMethod | null }));
}

/** A host that this organization claimed, proven or not. */
export async function findHost(
  { db }: Platform,
  { organizationId, host }: HostWish,
): Promise<ClaimedHost | undefined> {
  const row = await db.provenHost.findUnique({ where: { organizationId_host: { organizationId, host } } });
  return row ? { ...row, method: row.method as ProofMethod | null } : undefined;
}

export const UNCLAIMED = 'Your organization did not claim this host. Claim it first.';

/** Those that are proven, by name. A DNS proof covers the names below its host, too. */
export async function provenHosts({ db }: Pick<Platform, 'db'>, organizationId: string): Promise<string[]> {
  const where = { organizationId, provenAt: { not: null } };
  const rows = await db.provenHost.findMany({ where, select: { host: true }, orderBy: { host: 'asc' } });
  return rows.map(({ host }) => host);
}

/**
 * Whether an organization has shown that a host is its own: this very one by any proof, or by DNS or an operator's word
 * one above it. Whoever holds a zone holds the names in it; whoever may publish a file holds one web server.
 */
export async function hostIsProven(tx: Platform, organizationId: string, host: string): Promise<boolean> {
  const judged = judgeHost(host);
  if (!judged.ok) return false;
  return (await tx.db.provenHost.count({ where: { organizationId, ...proofOf(judged.host) } })) > 0;
}

/** Every organization that has shown so, for whoever decides between them. */
export async function holdersOf(
  { db }: Pick<Platform, 'db'>,
  host: string,
): Promise<{ readonly id: string; readonly name: string }[]> {
  const judged = judgeHost(host);
  if (!judged.ok) return [];
  const proven = { hosts: { some: proofOf(judged.host) } };
  return db.organization.findMany({
    where: proven,
    select: { id: true, name: true },
    orderBy: { id: 'asc' },
    take: 20,
  });
}

function proofOf(host: string) {
  const above = { host: { in: namesAbove(host) }, method: { in: ['dns', 'operator'] } };
  return { provenAt: { not: null }, OR: [{ host }, above] };
}

/** `api.eu.example.com` is below `eu.example.com`, `example.com` and `com`, which nobody can prove. */
function namesAbove(host: string): string[] {
  const labels = host.split('.');
  return labels.slice(1, -1).map((_, i) => labels.slice(i + 1).join('.'));
}
