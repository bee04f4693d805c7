import { accountActor } from '../accounts/actor.ts';
import { clearSession, readSession } from '../accounts/sessions/session-cookie.ts';
import { endSession } from '../accounts/sessions/sessions.ts';
import type { Platform } from '../platform/platform.ts';
import type { Handler } from '../platform/web/context.ts';

/** The engine's confirmed logout ends the browser session too; anything short of the confirmation ends nothing. */
export function endBrowserSession(platform: Platform): Handler {
  return async (ctx, next) => {
    await next();
    const { oidc } = ctx as unknown as { oidc?: { route?: string; params?: { logout?: unknown } } };
    if (oidc?.route !== 'end_session_confirm' || !oidc.params?.logout || ctx.status !== 303) return;
    const session = await readSession(platform, ctx);
    if (!session) return;
    await endSession(platform, accountActor(ctx, session.accountId), session.id);
    clearSession(ctx, platform.config);
  };
}
