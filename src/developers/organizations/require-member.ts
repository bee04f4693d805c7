import { runsInstallation } from '../../accounts/account.ts';
import { sessionOf } from '../../accounts/sign-in/require-session.ts';
import { Refusal } from '../../platform/errors.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import type { Organization } from './organization.ts';
import { mayDo, type Permission, type Role } from './roles.ts';

/** Whoever looks at a page of an organization. */
export interface Member {
  readonly accountId: string;
  readonly role: Role;
  readonly organization: Organization;
}

/** Whoever looks at such a page now. */
interface Looking extends Member {
  /** They run this installation besides, and find its console. */
  readonly operator: boolean;
}

const members = new WeakMap<Context, Looking>();

/**
 * Guard, after requireSession, of every route with `:organization`: only for members whose role has the permission. To
 * everybody else another organization is one that does not exist; a member who may not is told so (403).
 */
export function requireMember(platform: Platform, permission: Permission): Handler {
  return async (ctx, next) => {
    const { accountId } = await sessionOf(platform, ctx);
    const member = await findMember(platform, accountId, String(ctx.params.organization));
    if (!member) throw new Refusal('not-found', 'portal.nothing-here');
    if (!mayDo(member.role, permission)) throw new Refusal('forbidden', 'portal.role-may-not');
    members.set(ctx, { ...member, operator: await runsInstallation(platform, accountId) });
    return next();
  };
}

/** The member that requireMember let through. */
export function memberOf(ctx: Context): Looking {
  const member = members.get(ctx);
  if (!member) throw new Error(`the route ${ctx.path} lacks requireMember`);
  return member;
}

/** undefined where the account is no member of it, as where there is none. */
export async function findMember(
  { db }: Platform,
  accountId: string,
  organizationId: string,
): Promise<Member | undefined> {
  if (!UUID.test(organizationId)) return undefined;
  const row = await db.organizationMember.findUnique({
    where: { organizationId_accountId: { organizationId, accountId } },
    select: { role: true, organization: { select: { id: true, name: true } } },
  });
  return row ? { accountId, role: row.role as Role, organization: row.organization } : undefined;
}

/** What an account may be in an organization; undefined where it is no member. */
export async function roleOf(
  platform: Platform,
  organizationId: string,
  accountId: string,
): Promise<Role | undefined> {
  return (await findMember(platform, accountId, organizationId))?.role;
}
