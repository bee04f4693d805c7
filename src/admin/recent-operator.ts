import { requireRecent } from '../accounts/sign-in/require-session.ts';
import type { Platform } from '../platform/platform.ts';
import type { Handler } from '../platform/web/context.ts';
import { operatorOf } from './require-operator.ts';
import { mayOperate, type Permission } from './roles.ts';

/**
 * Guard, after requireOperator, of a page with a form whose POST asks for a recent proof: whoever may fill it in proves it
 * when the page is opened, so that nothing they typed is lost on the way. Others only read, and are not asked.
 */
export function requireRecentOfThoseWho(permission: Permission, platform: Platform): Handler {
  const guard = requireRecent(platform);
  return (ctx, next) => (mayOperate(operatorOf(ctx).role, permission) ? guard(ctx, next) : next());
}
