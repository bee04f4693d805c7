import type { LimitName } from '../defense/limits/catalogue.ts';
import { lease } from '../defense/limits/lease.ts';
import { leaseForAddress } from '../defense/limits/lease-for-address.ts';
import { type Overspent, refuse } from '../defense/limits/refuse.ts';
import { slowing } from '../defense/suspensions/slowed.ts';
import { callsLeft } from '../developers/access/access-rate.ts';
import { ENDPOINTS } from '../developers/endpoints.ts';
import type { Platform } from '../platform/platform.ts';
import type { Context, Handler } from '../platform/web/context.ts';
import { type EngineCall, provenCaller } from './protocol-call.ts';
import { currentScope } from './request-scope.ts';

/** The limit of each endpoint for programs. */
const LIMIT_OF: ReadonlyMap<string, LimitName> = new Map([
  [ENDPOINTS.token, 'token'],
  [ENDPOINTS.pushed_authorization_request, 'token'],
  [ENDPOINTS.revocation, 'token'],
  [ENDPOINTS.introspection, 'introspection'],
  [ENDPOINTS.userinfo, 'userinfo'],
]);

/**
 * Spends from the limit of the client that a call was proven to come from, or from that of the address where nothing was
 * proven: whoever merely names a client takes nothing from it (M07). A person's token proves that person alone: one
 * user of an app takes nothing from the others. Comes after the engine and before the flush: a call
 * that is refused has spent no code and issued no token. No statement of its own; the budget is leased.
 */
export function limitCalls(platform: Platform): Handler {
  return async (ctx, next) => {
    await next();
    const limit = LIMIT_OF.get(ctx.path);
    if (limit === undefined || ctx.status >= 500) return;
    const { oidc } = ctx as unknown as { oidc?: EngineCall };
    const caller = oidc && whoProved(ctx, oidc);
    const name = caller === undefined ? 'unproven' : limit;
    const { key, spent, budget } =
      caller === undefined
        ? await leaseForAddress(platform, 'unproven', ctx.state.address)
        : { key: caller, spent: await lease(platform, name, caller), budget: undefined };
    if (!spent.ok) return answerRefusal(platform, ctx, { name, key, budget, spent });
    if (caller !== undefined && ctx.status === 200 && SLOWED.has(ctx.path))
      await slowDown(platform, ctx, oidc, limit);
  };
}

/** Where somebody uses a code or token of their own. Who introspects it is somebody else, and taking it back is welcome. */
const SLOWED: ReadonlySet<string> = new Set([ENDPOINTS.token, ENDPOINTS.userinfo]);

/** A grant or an account that is slowed has the share of an access without a limit of its own, whatever its app may do. */
async function slowDown(
  platform: Platform,
  ctx: Context,
  oidc: EngineCall | undefined,
  name: LimitName,
): Promise<void> {
  const { noted } = currentScope();
  const grantId = noted.artifact?.grantId ?? oidc?.entities?.Grant?.jti;
  const accountId = noted.artifact?.accountId ?? oidc?.entities?.Account?.accountId;
  for (const { id, share } of slowing(platform, { grantId, accountId })) {
    const key = `slowed ${id}`;
    const budget = callsLeft(null, share);
    const spent = await lease(platform, name, key, { budget });
    if (spent.ok) continue;
    noted.slowed = true;
    return answerRefusal(platform, ctx, { name, key, budget, spent });
  }
}

/** The client by its own secret or key; by a code or token of a person, that person at the client. */
function whoProved(ctx: Context, oidc: EngineCall): string | undefined {
  const scope = currentScope();
  const client = provenCaller(ctx, oidc, scope);
  const { authenticated, artifact } = scope.noted;
  const person = artifact?.accountId ?? oidc.entities?.Account?.accountId;
  return client === undefined || authenticated || person === undefined ? client : `${client} ${person}`;
}

function answerRefusal(platform: Platform, ctx: Context, overspent: Overspent): void {
  refuse(platform, ctx, overspent);
  // Nothing of the write set is written.
  currentScope().failed = true;
  ctx.remove('WWW-Authenticate');
  ctx.set('Cache-Control', 'no-store');
  ctx.body = {
    error: 'temporarily_unavailable',
    error_description: `Too many requests in a short time. Try again in ${overspent.spent.retryAfterSeconds} seconds.`,
  };
}
