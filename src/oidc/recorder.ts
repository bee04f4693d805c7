import type { Platform } from '../platform/platform.ts';
import type { Context, Handler } from '../platform/web/context.ts';
import { noteUse } from '../tokens/last-used.ts';

/**
 * Counts each protocol call once its answer is final, and notes which grant it used. The engine's own success events
 * are of no use here: they fire for requests that then lose a race.
 */
export function recordProtocolCalls(platform: Platform): Handler {
  return async (ctx, next) => {
    await next();
    const { oidc } = ctx as unknown as { oidc?: EngineCall };
    if (!oidc?.route) return;
    platform.metrics.protocolCalls.inc({ endpoint: oidc.route, status: String(ctx.status) });
    const grantId = oidc.entities?.Grant?.jti;
    if (grantId !== undefined && isUse(ctx, oidc.route)) noteUse(platform, grantId);
  };
}

interface EngineCall {
  readonly route?: string;
  readonly entities?: { readonly Grant?: { readonly jti?: string } };
}

const USES: ReadonlySet<string> = new Set(['token', 'introspection', 'userinfo']);

/** A caller to whom a token is inactive has used nothing. */
function isUse(ctx: Context, route: string): boolean {
  return ctx.status === 200 && USES.has(route) && (ctx.body as { active?: boolean }).active !== false;
}
