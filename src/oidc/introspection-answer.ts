import type { Handler } from '../platform/web/context.ts';

/**
 * A caller that may ask gets `{"active":false}` for whatever is not its own (RFC 7662 §2.2). The engine refuses a
 * JWT with an error of its own; to the API that asked, it is one more token that is not active here.
 */
export const foreignTokensAreInactive: Handler = async (ctx, next) => {
  await next();
  if (ctx.path !== '/token/introspection' || ctx.status !== 400) return;
  const { error } = (ctx.body ?? {}) as { error?: string };
  if (error !== 'unsupported_token_type') return;
  ctx.status = 200;
  ctx.body = { active: false };
};
