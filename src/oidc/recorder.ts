import type { Platform } from '../platform/platform.ts';
import type { Handler } from '../platform/web/context.ts';

/**
 * Counts each protocol call once its answer is final. The engine's own success events are of no use here: they
 * fire for requests that then lose a race.
 */
export function recordProtocolCalls({ metrics }: Platform): Handler {
  return async (ctx, next) => {
    await next();
    const { oidc } = ctx as unknown as { oidc?: { route?: string } };
    if (oidc?.route) metrics.protocolCalls.inc({ endpoint: oidc.route, status: String(ctx.status) });
  };
}
