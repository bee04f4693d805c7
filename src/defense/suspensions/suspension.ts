import type { Suspension as Row } from '../../../prisma/generated/client.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Times } from './ladder.ts';

/** The functions that can be paused. */
export const KINDS = [
  'access-writes',
  'access',
  'client',
  'grant',
  'account',
  'organization',
  'api',
  'network',
] as const;
export type SuspensionKind = (typeof KINDS)[number];

/** Whom it is about; each kind needs its own. */
export interface Subject {
  readonly clientId?: string | null | undefined;
  readonly apiId?: string | null | undefined;
  readonly grantId?: string | null | undefined;
  readonly accountId?: string | null | undefined;
  readonly organizationId?: string | null | undefined;
  /** CIDR. */
  readonly network?: string | null | undefined;
}

/** Counts and ids, never personal data. `requests` are ids of the request log, which the inspector shows. */
export type Evidence = Readonly<Record<string, string | number | readonly string[]>>;

export interface Suspension extends Times {
  readonly id: string;
  readonly kind: SuspensionKind;
  readonly clientId: string | null;
  readonly apiId: string | null;
  readonly grantId: string | null;
  readonly accountId: string | null;
  readonly organizationId: string | null;
  readonly network: string | null;
  /** Name of a rule of defense/rules, or `operator`. */
  readonly rule: string;
  readonly note: string | null;
  readonly evidence: Evidence;
  /** Says what would have been done, and does nothing. */
  readonly dryRun: boolean;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  /** time, operator, appeal or superseded. */
  readonly endedBy: string | null;
  readonly outlivingTokens: number;
  readonly outlivingUntil: Date | null;
}

/** What an operator began is theirs: no rule moves it. */
export const BY_OPERATOR = 'operator';

export function suspensionOf(row: Row): Suspension {
  return { ...row, kind: row.kind as SuspensionKind, evidence: row.evidence as Evidence };
}

export async function findSuspension({ db }: Platform, id: string): Promise<Suspension | undefined> {
  if (!UUID.test(id)) return undefined;
  const row = await db.suspension.findUnique({ where: { id } });
  return row ? suspensionOf(row) : undefined;
}

const NEEDS: Readonly<Record<SuspensionKind, readonly (keyof Subject)[]>> = {
  'access-writes': ['clientId', 'apiId'],
  access: ['clientId', 'apiId'],
  client: ['clientId'],
  grant: ['grantId', 'accountId'],
  account: ['accountId'],
  organization: ['organizationId'],
  api: ['apiId'],
  network: ['network'],
};

/** What tells one suspension of this kind from another, as columns; undefined where something is missing. */
export function subjectOf(kind: SuspensionKind, ids: Subject): Subject | undefined {
  const entries = NEEDS[kind].map((name) => [name, ids[name]] as const);
  return entries.every(([, id]) => id) ? Object.fromEntries(entries) : undefined;
}

/** From the smallest function to the largest: misuse that goes on while the smaller is paused pauses the larger. */
const CHAINS: readonly (readonly SuspensionKind[])[] = [
  ['access-writes', 'access', 'client'],
  ['grant', 'account'],
];

/** The functions on the way to this one, itself last: those of its chain whose ids are known. */
export function waysTo(kind: SuspensionKind, ids: Subject): readonly SuspensionKind[] {
  const chain = CHAINS.find((kinds) => kinds.includes(kind)) ?? [kind];
  return chain.slice(0, chain.indexOf(kind) + 1).filter((one) => subjectOf(one, ids));
}

/** Two kinds that are one subject: only one of them is paused at a time. */
export function isSameSubject(one: SuspensionKind, other: SuspensionKind): boolean {
  return one === other || (one.startsWith('access') && other.startsWith('access'));
}
