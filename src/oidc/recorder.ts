import { noteSignal } from '../defense/signals/note.ts';
import { isOwnApp } from '../developers/clients/testers.ts';
import type { ProtocolCall } from '../developers/insights/protocol-call.ts';
import { noteRequest } from '../developers/insights/request-log.ts';
import { noteUsage } from '../developers/insights/usage-notes.ts';
import type { Platform } from '../platform/platform.ts';
import type { Context, Handler } from '../platform/web/context.ts';
import { noteUse } from '../tokens/last-used.ts';
import { noteCallSignals } from './call-signals.ts';
import { callOf, type EngineCall } from './protocol-call.ts';
import { scopeOf } from './request-scope.ts';

/**
 * Counts each protocol call once its answer is final, tells the watch, the inspector and the usage of its app, and notes
 * which grant it used. The engine's own success events are of no use here: they fire for requests that then lose a race.
 */
export function recordProtocolCalls(platform: Platform): Handler {
  return async (ctx, next) => {
    const began = performance.now();
    await next();
    const { oidc } = ctx as unknown as { oidc?: EngineCall };
    if (!oidc?.route) return;
    platform.metrics.protocolCalls.inc({
      endpoint: oidc.route,
      http_response_status_code: String(ctx.status),
    });
    const grantId = oidc.entities?.Grant?.jti;
    if (grantId !== undefined && isUse(ctx, oidc.route)) noteUse(platform, grantId);
    noteJwt(platform, ctx);
    tellOthers(platform, ctx, began);
  };
}

/** A JWT is stored nowhere: how many there are is known from here alone. */
function noteJwt(platform: Platform, ctx: Context): void {
  const jwtOf = ctx.status === 200 ? scopeOf(ctx)?.noted.jwtOf : undefined;
  if (!jwtOf) return;
  const subject = { kind: 'access', id: `${jwtOf.clientId} ${jwtOf.apiId}` } as const;
  noteSignal(platform, { signal: 'jwts-issued', subject });
}

/** Whatever goes wrong here is no reason to spoil an answer that is ready. */
function tellOthers(platform: Platform, ctx: Context, began: number): void {
  try {
    const call = callOf(platform, ctx, Math.round((performance.now() - began) * 1000));
    const scope = scopeOf(ctx);
    if (scope) noteCallSignals(platform, ctx, scope, call);
    if (!call) return;
    if (call.proven) noteUsage(platform, { ...call, milliseconds: call.micros / 1000 });
    const { accountId } = scope?.browserSession ?? {};
    if (call.proven || accountId === undefined) noteRequest(platform, call);
    else void noteForMember(platform, call, accountId);
  } catch (err) {
    platform.log.error({ requestId: ctx.state.requestId, err }, 'a protocol call was not noted');
  }
}

/** In a browser of a member it is their own app that they try out. A tester's word is no more than a stranger's. */
async function noteForMember(platform: Platform, call: ProtocolCall, accountId: string): Promise<void> {
  const proven = await isOwnApp(platform, call.clientId, accountId).catch(() => false);
  noteRequest(platform, { ...call, proven });
}

const USES: ReadonlySet<string> = new Set(['token', 'introspection', 'userinfo']);

/** A caller to whom a token is inactive has used nothing. */
function isUse(ctx: Context, route: string): boolean {
  return ctx.status === 200 && USES.has(route) && (ctx.body as { active?: boolean }).active !== false;
}
