import { isFrozen } from '../accounts/account.ts';
import { sessionOf } from '../accounts/sign-in/require-session.ts';
import { satisfies, signInPath } from '../accounts/sign-in/sign-in-ticket.ts';
import type { Actor } from '../audit/actor.ts';
import { secondsAfter } from '../platform/clock.ts';
import { Refusal } from '../platform/errors.ts';
import type { Platform } from '../platform/platform.ts';
import type { Context, Handler } from '../platform/web/context.ts';
import { seeOther } from '../platform/web/see-other.ts';
import { roleOfOperator } from './operators.ts';
import { mayOperate, type OperatorRole, type Permission } from './roles.ts';

/** Whoever looks at a page of the console. */
export interface Operator {
  readonly accountId: string;
  readonly role: OperatorRole;
}

/** Seconds for which an operator may read after proving both factors; what changes something asks for a recent proof besides. */
const WORKDAY_SECONDS = 12 * 3600;

const operators = new WeakMap<Context, Operator>();

/**
 * Guard, after requireSession, of every page of the console. For everybody but operators there is no console: they get
 * what an unknown address gets. An operator has proven a second factor today, which a trusted browser cannot spare
 * (D03), and one whose factors were replaced within a week only reads.
 */
export function requireOperator(platform: Platform, permission: Permission): Handler {
  return async (ctx, next) => {
    const session = await sessionOf(platform, ctx);
    const { accountId } = session;
    const role = await roleOfOperator(platform, accountId);
    if (!role) throw new Refusal('not-found', 'errors.nothing-here');
    const now = platform.clock.now();
    const ticket = {
      returnTo: ctx.method === 'GET' ? ctx.url : '/admin',
      ...{ accountId, acr: 'aal2' as const },
      freshAfter: secondsAfter(now, -WORKDAY_SECONDS).getTime(),
    };
    if (!satisfies(session, ticket, now)) return seeOther(ctx, signInPath(platform, ticket));
    if (!mayOperate(role, permission)) throw new Refusal('forbidden', 'admin.role-may-not');
    const changes = ctx.method !== 'GET' && ctx.method !== 'HEAD';
    if (changes && (await isFrozen(platform, accountId))) throw new Refusal('forbidden', 'admin.frozen');
    operators.set(ctx, { accountId, role });
    return next();
  };
}

/** The operator that requireOperator let through. */
export function operatorOf(ctx: Context): Operator {
  const operator = operators.get(ctx);
  if (!operator) throw new Error(`the route ${ctx.path} lacks requireOperator`);
  return operator;
}

/** The same as the audit trail names them. */
export function operatorActor(ctx: Context): Actor {
  return { kind: 'operator', id: operatorOf(ctx).accountId, requestId: ctx.state.requestId };
}
