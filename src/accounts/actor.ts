import type { Actor } from '../audit/actor.ts';
import type { Context } from '../platform/web/context.ts';

/** A visitor who is not signed in, as the audit trail names them. */
export function browserActor(ctx: Context): Actor {
  return { kind: 'browser', requestId: ctx.state.requestId };
}

/** Whoever acts has proven to be this account, at least with the password. */
export function accountActor(ctx: Context, accountId: string): Actor {
  return { kind: 'account', id: accountId, requestId: ctx.state.requestId };
}
