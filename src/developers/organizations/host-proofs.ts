import { actsFrozen } from '../../accounts/recovery/frozen.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import { secondsAfter } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { approveProvenApis } from '../apis/approval.ts';
import { loseVerifications } from '../clients/verification.ts';
import { FROZEN } from '../frozen.ts';
import {
  type ClaimedHost,
  claimHost,
  findHost,
  type HostWish,
  type ProofMethod,
  UNCLAIMED,
} from './hosts.ts';
import { findOrganization } from './organization.ts';
import { lookForProof, type ProofSources, publicSources } from './proof-sources.ts';

export type HostProof =
  | { readonly ok: true; readonly host: ClaimedHost }
  | Refused<'host' | 'too-soon' | 'proof' | 'taken' | 'frozen'>;

const SECONDS_BETWEEN = 5;

/** Looks for the proof of a claimed host now. A host that another organization holds stays theirs while its proof does. */
export async function proveHost(
  platform: Platform,
  actor: Actor,
  { method, ...wish }: HostWish & { readonly method: 'dns' | 'file' },
  sources: ProofSources = publicSources(platform),
): Promise<HostProof> {
  if (await actsFrozen(platform, actor)) return refused('frozen', FROZEN);
  const claimed = await findHost(platform, wish);
  if (!claimed) return refused('host', UNCLAIMED);
  if (!(await takeTurn(platform, wish))) {
    return refused('too-soon', `We looked a moment ago. Try again in ${SECONDS_BETWEEN} seconds.`);
  }
  const looked = await lookForProof(sources, claimed, method);
  if (!looked.found) return refused('proof', looked.sentence);
  const lapsed = await lapsedHolders(platform, { ...wish, method }, sources);
  return settle(platform, actor, { ...wish, method, lapsed });
}

/** On an operator's word, which is enough whoever held the host before. */
export async function approveHost(platform: Platform, actor: Actor, input: HostWish): Promise<HostProof> {
  const { organizationId } = input;
  if (!(await findOrganization(platform, organizationId))) {
    return refused('host', 'No organization has this ID.');
  }
  const claim = await claimHost(platform, actor, input);
  if (!claim.ok) return refused('host', claim.sentence);
  const wish = { organizationId, host: claim.host };
  const holders = await otherHolders(platform, wish);
  return settle(platform, actor, {
    ...wish,
    method: 'operator',
    lapsed: holders.map((one) => one.organizationId),
  });
}

/** A name is looked up for one organization once in a while, whoever presses how often. */
async function takeTurn({ db, clock }: Platform, { organizationId, host }: HostWish): Promise<boolean> {
  const checkedAt = clock.now();
  const before = secondsAfter(checkedAt, -SECONDS_BETWEEN);
  const { count } = await db.provenHost.updateMany({
    where: { organizationId, host, OR: [{ checkedAt: null }, { checkedAt: { lte: before } }] },
    data: { checkedAt },
  });
  return count > 0;
}

/**
 * Of the others that hold the host: those whose own proof is gone by now. A silent web server keeps nobody from it who
 * holds the zone.
 */
async function lapsedHolders(
  platform: Platform,
  { method, ...wish }: HostWish & { readonly method: 'dns' | 'file' },
  sources: ProofSources,
): Promise<string[]> {
  const lapsed: string[] = [];
  for (const holder of await otherHolders(platform, wish)) {
    if (holder.method !== 'dns' && holder.method !== 'file') continue;
    const looked = await lookForProof(sources, holder, holder.method);
    const yields = !looked.found && (looked.gone || (holder.method === 'file' && method === 'dns'));
    if (yields) lapsed.push(holder.organizationId);
  }
  return lapsed;
}

function otherHolders({ db }: Platform, { organizationId, host }: HostWish) {
  return db.provenHost.findMany({ where: { host, provenAt: { not: null }, NOT: { organizationId } } });
}

interface Settlement extends HostWish {
  readonly method: ProofMethod;
  /** Organizations that lose the host to this one. */
  readonly lapsed: readonly string[];
}

/** All who claim a host wait for each other here, so that two who prove it at once do not both hold it. */
async function settle(platform: Platform, actor: Actor, settlement: Settlement): Promise<HostProof> {
  const { organizationId, host, method, lapsed } = settlement;
  const settled = await inTransaction(platform, async (tx): Promise<HostProof> => {
    await tx.db.$executeRaw`
      SELECT FROM proven_hosts WHERE host = ${host} ORDER BY organization_id FOR UPDATE`;
    const holders = await otherHolders(tx, settlement);
    if (holders.some((holder) => !lapsed.includes(holder.organizationId))) return refused('taken', TAKEN);
    for (const loser of holders) await lose(tx, actor, { organizationId: loser.organizationId, host });
    const before = await findHost(tx, settlement);
    if (!before) return refused('host', UNCLAIMED);
    // A file proves less than what it would replace.
    const kept = before.provenAt !== null && method === 'file' ? before.method : method;
    const provenAt = tx.clock.now();
    await tx.db.provenHost.updateMany({ where: { organizationId, host }, data: { method: kept, provenAt } });
    const details = { host, method };
    await recordEvent(tx, actor, 'host.proven', { kind: 'organization', id: organizationId }, details);
    return { ok: true, host: { ...before, method: kept, provenAt } };
  });
  if (settled.ok) await approveProvenApis(platform, actor, organizationId);
  return settled;
}

const TAKEN =
  'Another organization has proven this host, and its proof is still there. Remove its record or file first, or ask the operator of this service.';

async function lose(tx: Platform, actor: Actor, { organizationId, host }: HostWish): Promise<void> {
  await tx.db.provenHost.updateMany({
    where: { organizationId, host },
    data: { provenAt: null, method: null },
  });
  const details = { host, reason: 'another organization proved it' };
  await recordEvent(tx, actor, 'host.removed', { kind: 'organization', id: organizationId }, details);
  await loseVerifications(tx, actor, organizationId);
}
