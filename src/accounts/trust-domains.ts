import { z } from 'zod';
import { Prisma, type TrustDomain as TrustDomainRow } from '../../prisma/generated/client.ts';
import type { Actor } from '../audit/actor.ts';
import type { AuditDetails } from '../audit/events.ts';
import { recordEvent } from '../audit/trail.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { type Refused, refused } from '../platform/refused.ts';
import { inTransaction } from '../platform/transaction.ts';
import { LIFETIMES } from '../tokens/lifetimes.ts';
import { asksForLess, FACTOR_POLICIES, type FactorPolicy, mailDomain, SECOND_FACTOR } from './policy.ts';

/** A fence around accounts, clients and APIs; nothing crosses it. */
export interface TrustDomain {
  readonly id: string;
  /** As operators type it. */
  readonly name: string;
  /** As people read it. */
  readonly title: string;
  /** Whoever signs up with an address behind one of these belongs here. */
  readonly mailDomains: readonly string[];
  /** Null follows the installation. */
  readonly secondFactor: FactorPolicy | null;
  /** The longest a session of its accounts may lie idle and last; null follows decision 18. */
  readonly sessionIdleMinutes: number | null;
  readonly sessionHours: number | null;
}

/** Always there: who and what belongs to no other domain belongs to this one. */
export const MAIN_DOMAIN = '00000000-0000-7000-8000-000000000001';

/** In SQL: the ids of the domains that the account named by `account` belongs to, as uuid[]. */
export function domainIdsOf(account: string): string {
  return `coalesce((SELECT array_agg(dm.trust_domain_id) FROM trust_domain_members dm
      WHERE dm.account_id = ${account}), ARRAY['${MAIN_DOMAIN}'::uuid])`;
}

/** The domains of an account, main first, then by name: never empty. */
export async function trustDomainsOf({ db }: Platform, accountId: string): Promise<TrustDomain[]> {
  const rows = await db.trustDomain.findMany({
    where: { members: { some: { accountId } } },
    orderBy: { name: 'asc' },
  });
  const found =
    rows.length > 0 ? rows : [await db.trustDomain.findUniqueOrThrow({ where: { id: MAIN_DOMAIN } })];
  return mainFirst(found.map(domainOf));
}

/** All of them, by name; an installation has a handful. */
export async function listTrustDomains({ db }: Platform): Promise<TrustDomain[]> {
  return mainFirst((await db.trustDomain.findMany({ orderBy: { name: 'asc' } })).map(domainOf));
}

function mainFirst(domains: TrustDomain[]): TrustDomain[] {
  return domains.sort((a, b) => Number(b.id === MAIN_DOMAIN) - Number(a.id === MAIN_DOMAIN));
}

export async function findTrustDomain({ db }: Platform, id: string): Promise<TrustDomain | undefined> {
  const row = await db.trustDomain.findUnique({ where: { id } });
  return row ? domainOf(row) : undefined;
}

/** By the name that operators give it. */
export async function findTrustDomainNamed({ db }: Platform, name: string): Promise<TrustDomain | undefined> {
  const row = await db.trustDomain.findUnique({ where: { name: name.trim().toLowerCase() } });
  return row ? domainOf(row) : undefined;
}

export function noSuchDomain(name: string): Refused<'domain'> {
  return refused(
    'domain',
    `There is no trust domain named ${JSON.stringify(name)}. "domain list" names them all.`,
  );
}

const Name = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/,
    'The name has 1 to 40 lower-case letters, digits and hyphens, such as employees.',
  );
const Title = z
  .string()
  .transform((title) => title.normalize('NFKC').trim())
  .refine(
    (title) => /^[^\p{C}\p{Zl}\p{Zp}]{1,60}$/u.test(title),
    'The title has 1 to 60 visible characters, such as "Example staff".',
  );
const LONGEST_IDLE = LIFETIMES.session.idleSeconds / 60;
const LONGEST_SESSION = LIFETIMES.session.absoluteSeconds / 3600;

const IDLE_BOUNDS = `A session may lie idle for 5 to ${LONGEST_IDLE} minutes.`;
const HOUR_BOUNDS = `A session may last from 1 to ${LONGEST_SESSION} hours.`;

/** What an operator may set. Sessions may be shorter than everywhere, never longer. */
const Rules = z.object({
  title: Title,
  mailDomains: z.array(mailDomain).max(200, 'A trust domain has at most 200 mail domains.'),
  secondFactor: z.enum(FACTOR_POLICIES).nullable(),
  sessionIdleMinutes: z.int().min(5, IDLE_BOUNDS).max(LONGEST_IDLE, IDLE_BOUNDS).nullable(),
  sessionHours: z.int().min(1, HOUR_BOUNDS).max(LONGEST_SESSION, HOUR_BOUNDS).nullable(),
});

export type DomainRules = z.input<typeof Rules>;
export type DomainOutcome =
  | { readonly ok: true; readonly domain: TrustDomain }
  | Refused<'domain' | 'name' | 'rules'>;

/** Puts up a new fence: nobody and nothing is inside yet, but accounts of its mail domains join from now on. */
export async function createTrustDomain(
  platform: Platform,
  actor: Actor,
  input: Partial<DomainRules> & { readonly name: string },
): Promise<DomainOutcome> {
  const name = Name.safeParse(input.name);
  if (!name.success) return refused('name', sentenceOf(name.error));
  const rules = judgeRules(platform, { ...UNSET, title: name.data, ...defined(input) });
  if (!rules.ok) return rules;
  return inTransaction(platform, async (tx): Promise<DomainOutcome> => {
    const row = { id: newId(), name: name.data, ...rules.rules, createdAt: tx.clock.now() };
    const { count } = await tx.db.trustDomain.createMany({ data: [row], skipDuplicates: true });
    if (count === 0) return refused('name', 'A trust domain of this name exists already.');
    const target = { kind: 'trust-domain', id: row.id };
    await recordEvent(tx, actor, 'trust-domain.created', target, recorded(row));
    return { ok: true, domain: domainOf(row) };
  });
}

/**
 * Changes what is given and nothing else. Accounts that exist stay where they are. Where more is asked of their sign-in
 * from now on, whoever signed in with a password alone has to do it anew.
 */
export async function changeTrustDomain(
  platform: Platform,
  actor: Actor,
  { name, ...changes }: Partial<DomainRules> & { readonly name: string },
): Promise<DomainOutcome> {
  return inTransaction(platform, async (tx): Promise<DomainOutcome> => {
    const before = await findTrustDomainNamed(tx, name);
    if (!before) return noSuchDomain(name);
    const { id, name: _, ...standing } = before;
    const given = defined(changes);
    const rules = judgeRules(tx, { ...standing, ...given }, 'secondFactor' in given);
    if (!rules.ok) return rules;
    const wanted = Object.entries(rules.rules).filter(([rule]) => rule in given);
    const data = Object.fromEntries(wanted) as Partial<typeof rules.rules>;
    const domain = domainOf(await tx.db.trustDomain.update({ where: { id }, data }));
    if ((domain.secondFactor ?? 'optional') !== (before.secondFactor ?? 'optional'))
      await endWeakSessions(tx, id);
    await recordEvent(tx, actor, 'trust-domain.changed', { kind: 'trust-domain', id }, recorded(domain));
    return { ok: true, domain };
  });
}

/** They expire here and now; the job that ends idle sessions ends their grants. */
async function endWeakSessions({ db, clock }: Platform, id: string): Promise<void> {
  const now = clock.now();
  await db.$executeRaw`
    UPDATE browser_sessions SET expires_at = ${now}
     WHERE acr = 'aal1' AND completed_at IS NOT NULL AND ended_at IS NULL AND expires_at > ${now}
       AND ${id}::uuid = ANY(${Prisma.raw(domainIdsOf('browser_sessions.account_id'))})`;
}

const UNSET = { mailDomains: [], secondFactor: null, sessionIdleMinutes: null, sessionHours: null };

function judgeRules(
  { settings }: Platform,
  input: unknown,
  factorIsNew = true,
): { ok: true; rules: z.output<typeof Rules> } | Refused<'rules'> {
  const parsed = Rules.safeParse(input);
  if (!parsed.success) return refused('rules', sentenceOf(parsed.error));
  const { secondFactor } = parsed.data;
  // The length of passwords follows the installation: a domain that asked for less would get short passwords alone.
  if (factorIsNew && secondFactor && asksForLess(secondFactor, settings.get(SECOND_FACTOR)))
    return refused(
      'rules',
      `A domain may ask for more than the installation, not for less. Set second-factor to ${secondFactor} for all first, and stricter for the other domains.`,
    );
  return { ok: true, rules: { ...parsed.data, mailDomains: [...new Set(parsed.data.mailDomains)] } };
}

function sentenceOf({ issues: [first] }: z.ZodError): string {
  return first?.message ?? 'This cannot be set.';
}

/** An option that was not given changes nothing. */
function defined<Input extends object>(input: Input): Partial<Input> {
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<Input>;
}

function recorded(domain: Omit<TrustDomain, 'id'>): AuditDetails {
  const { name, title, mailDomains, secondFactor, sessionIdleMinutes, sessionHours } = domain;
  return { name, title, mailDomains, secondFactor, sessionIdleMinutes, sessionHours };
}

function domainOf({
  createdAt: _,
  secondFactor,
  ...domain
}: Omit<TrustDomainRow, 'createdAt'> & { createdAt?: Date }): TrustDomain {
  return { ...domain, secondFactor: secondFactor as FactorPolicy | null };
}
