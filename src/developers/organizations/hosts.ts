import type { Platform } from '../../platform/platform.ts';
import { type JudgedHost, judgeHost } from './host-names.ts';

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

/** Every host that an organization claimed, by name. */
export async function listHosts({ db }: Platform, organizationId: string): Promise<ClaimedHost[]> {
  const rows = await db.provenHost.findMany({ where: { organizationId }, orderBy: { host: 'asc' } });
  return rows.map((row) => ({ ...row, method: row.method as ProofMethod | null }));
}

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
  const judged: JudgedHost = judgeHost(host);
  if (!judged.ok) return false;
  const above = namesAbove(judged.host);
  const proven = { organizationId, provenAt: { not: null } };
  const found = await tx.db.provenHost.count({
    where: {
      ...proven,
      OR: [{ host: judged.host }, { host: { in: above }, method: { in: ['dns', 'operator'] } }],
    },
  });
  return found > 0;
}

/** `api.eu.example.com` is below `eu.example.com`, `example.com` and `com`, which nobody can prove. */
function namesAbove(host: string): string[] {
  const labels = host.split('.');
  return labels.slice(1, -1).map((_, i) => labels.slice(i + 1).join('.'));
}
