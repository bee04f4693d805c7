import { accountsNamed, findAccountByAddress, markOperator } from '../accounts/account.ts';
import { setObligations } from '../accounts/obligations.ts';
import type { ErasurePart } from '../accounts/area/closing.ts';
import { type Actor, actorName } from '../audit/actor.ts';
import { recordEvent } from '../audit/trail.ts';
import { UUID } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { type Refused, refused } from '../platform/refused.ts';
import { inTransaction } from '../platform/transaction.ts';
import { tellOperators } from './operator-letters.ts';
import { mayOperate, OPERATOR_ROLES, type OperatorRole } from './roles.ts';
import { withdrawActsOf } from './waiting-acts.ts';

/** Somebody who runs this installation. `since` is when they got the role they have. */
export interface ListedOperator {
  readonly accountId: string;
  readonly name: string;
  readonly email: string;
  readonly role: OperatorRole;
  readonly since: Date;
  /** Actor as kind:id. */
  readonly addedBy: string;
}

export type ChangedOperator =
  | { readonly ok: true; readonly accountId: string; readonly role: OperatorRole }
  | Refused<'not-allowed' | 'account' | 'operator' | 'role' | 'last-administrator' | 'own-role'>;

/** undefined for everybody who is none. */
export async function roleOfOperator({ db }: Platform, accountId: string): Promise<OperatorRole | undefined> {
  if (!UUID.test(accountId)) return undefined;
  const row = await db.operator.findUnique({ where: { accountId }, select: { role: true } });
  return row ? (row.role as OperatorRole) : undefined;
}

/** All of them: there are few. */
export async function listOperators(platform: Platform): Promise<ListedOperator[]> {
  const rows = await platform.db.operator.findMany({ orderBy: [{ createdAt: 'asc' }, { accountId: 'asc' }] });
  const people = await accountsNamed(
    platform,
    rows.map(({ accountId }) => accountId),
  );
  return rows.map(({ accountId, role, createdAt, createdBy }) => ({
    accountId,
    name: people.get(accountId)?.name ?? '',
    email: people.get(accountId)?.email ?? '',
    role: role as OperatorRole,
    ...{ since: createdAt, addedBy: createdBy },
  }));
}

/**
 * Makes an account with a proven address an operator, who from now on signs in with a second factor that no trusted
 * browser spares. Every operator is told.
 */
export async function addOperator(
  platform: Platform,
  actor: Actor,
  { email, role: raw }: { readonly email: string; readonly role: string },
): Promise<ChangedOperator> {
  const role = OPERATOR_ROLES.find((one) => one === raw);
  if (!role) return UNKNOWN_ROLE;
  return changeOperators(platform, actor, async (tx) => {
    const account = await findAccountByAddress(tx, email);
    if (!account || account.closesAt) return NO_ACCOUNT;
    if (!account.emailVerified) return NOT_PROVEN;
    const accountId = account.id;
    const row = { accountId, role, createdBy: actorName(actor), createdAt: tx.clock.now() };
    const { count } = await tx.db.operator.createMany({ data: [row], skipDuplicates: true });
    if (count === 0) return ALREADY;
    await markOperator(tx, accountId, true);
    await recordEvent(tx, actor, 'operator.added', { kind: 'account', id: accountId }, { role });
    await tell(tx, { key: 'operator-letters.added', values: { role: roleWords(role) } });
    return { ok: true, accountId, role };
  });
}

/** Nobody changes their own role, and one administrator stays. Whoever has a new role counts as new for acts of two. */
export async function changeOperatorRole(
  platform: Platform,
  actor: Actor,
  { accountId, role: raw }: { readonly accountId: string; readonly role: string },
): Promise<ChangedOperator> {
  const role = OPERATOR_ROLES.find((one) => one === raw);
  if (!role) return UNKNOWN_ROLE;
  return changeOperators(platform, actor, async (tx) => {
    const before = await roleOfOperator(tx, accountId);
    if (!before) return NO_OPERATOR;
    if (isOwn(actor, accountId)) return OWN_ROLE;
    if (before === role) return { ok: true, accountId, role };
    if (before === 'administrator' && !(await hasOtherAdministrator(tx, accountId))) return LAST;
    const data = { role, createdBy: actorName(actor), createdAt: tx.clock.now() };
    await tx.db.operator.update({ where: { accountId }, data });
    await withdrawActsOf(tx, actor, accountId);
    const target = { kind: 'account', id: accountId };
    await recordEvent(tx, actor, 'operator.role-changed', target, { role, before });
    await tell(tx, {
      key: 'operator-letters.role-changed',
      values: { role: roleWords(role), before: roleWords(before) },
    });
    return { ok: true, accountId, role };
  });
}

/** Takes the console from somebody at once; what they asked a second person for is withdrawn. They are told too. */
export async function removeOperator(
  platform: Platform,
  actor: Actor,
  { accountId }: { readonly accountId: string },
): Promise<ChangedOperator> {
  return changeOperators(platform, actor, async (tx) => {
    const role = await roleOfOperator(tx, accountId);
    if (!role) return NO_OPERATOR;
    if (role === 'administrator' && !(await hasOtherAdministrator(tx, accountId))) return LAST;
    await tx.db.operator.delete({ where: { accountId } });
    await markOperator(tx, accountId, false);
    await withdrawActsOf(tx, actor, accountId);
    await recordEvent(tx, actor, 'operator.removed', { kind: 'account', id: accountId }, { role });
    await tell(tx, { key: 'operator-letters.removed', values: { role: roleWords(role) } }, [accountId]);
    return { ok: true, accountId, role };
  });
}

/** Whoever is erased runs nothing any more. The last administrator is not erased: the installation demands that they stay. */
export const eraseFromConsole: ErasurePart = async (tx, { accountId }) => {
  const actor: Actor = { kind: 'job', id: 'close-due-accounts' };
  if (!(await roleOfOperator(tx, accountId))) return;
  await holdOperators(tx);
  const { count } = await tx.db.operator.deleteMany({ where: { accountId } });
  if (count === 0) return;
  await obligeOperators(tx, actor);
  await withdrawActsOf(tx, actor, accountId);
  await recordEvent(tx, actor, 'operator.removed', { kind: 'account', id: accountId });
};

/** One change after the other, each judged behind the lock: of two administrators who remove each other one is none any more. */
async function changeOperators(
  platform: Platform,
  actor: Actor,
  change: (tx: Platform) => Promise<ChangedOperator>,
): Promise<ChangedOperator> {
  return inTransaction(platform, async (tx) => {
    await holdOperators(tx);
    if (!(await mayChangeOperators(tx, actor))) return NOT_ALLOWED;
    const changed = await change(tx);
    if (changed.ok) await obligeOperators(tx, actor);
    return changed;
  });
}

/** Changes of operators wait for each other until the transaction ends. */
async function holdOperators({ db }: Platform): Promise<void> {
  await db.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('operators'))`;
}

async function mayChangeOperators(tx: Platform, actor: Actor): Promise<boolean> {
  if (actor.kind === 'cli') return true;
  const role = actor.kind === 'operator' ? await roleOfOperator(tx, actor.id) : undefined;
  return role !== undefined && mayOperate(role, 'operators.change');
}

/** What the installation demands of its operators; of the only administrator, that they stay. */
async function obligeOperators(tx: Platform, actor: Actor): Promise<void> {
  const rows = await tx.db.operator.findMany({ orderBy: { accountId: 'asc' } });
  const administrators = rows.filter(({ role }) => role === 'administrator');
  const demands = rows.map(({ accountId }) => ({ accountId, kind: 'no-slow-reset' as const }));
  const only = administrators.length === 1 ? administrators : [];
  const stay = only.map(({ accountId }) => ({ accountId, kind: 'hold-closing' as const }));
  await setObligations(tx, actor, { source: 'operators', demands: [...demands, ...stay] });
}

async function hasOtherAdministrator({ db }: Platform, accountId: string): Promise<boolean> {
  const others = { role: 'administrator', accountId: { not: accountId } };
  return (await db.operator.count({ where: others })) > 0;
}

function isOwn(actor: Actor, accountId: string): boolean {
  return actor.kind === 'operator' && actor.id === accountId;
}

function roleWords(role: OperatorRole) {
  return { key: `operator-letters.role-${role}` as const };
}

async function tell(
  tx: Platform,
  what: Parameters<typeof tellOperators>[1]['what'],
  besides: readonly string[] = [],
): Promise<void> {
  const news = { subject: 'operator-letters.operators-subject', what, path: '/admin/operators' } as const;
  await tellOperators(tx, news, { besides });
}

const UNKNOWN_ROLE = refused('role', `A role is one of: ${OPERATOR_ROLES.join(', ')}.`);
const NOT_ALLOWED = refused('not-allowed', 'Only administrators change who runs this installation.');
const NO_ACCOUNT = refused(
  'account',
  'Nobody has an account with that email address, or it is being closed.',
);
const NOT_PROVEN = refused('account', 'That account has not proven its email address yet.');
const ALREADY = refused('operator', 'This account is an operator already. Change its role instead.');
const NO_OPERATOR = refused('operator', 'This account is no operator.');
const OWN_ROLE = refused('own-role', 'Nobody changes their own role. Ask another administrator.');
const LAST = refused(
  'last-administrator',
  'One administrator has to stay. Make somebody else an administrator first.',
);
