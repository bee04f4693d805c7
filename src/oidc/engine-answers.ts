import type { Context, Handler } from '../platform/web/context.ts';
import { ENDPOINTS } from '../developers/endpoints.ts';

/** Where an answer of the engine is not the one we promise. Runs around the engine, before the write set is flushed. */
export const correctAnswers: Handler = async (ctx, next) => {
  await next();
  const { error, error_description: reason } = (ctx.body ?? {}) as {
    error?: string;
    error_description?: string;
  };
  if (ctx.path === ENDPOINTS.introspection && error === 'unsupported_token_type') {
    // RFC 7662 §2.2: to the API that asked, a JWT is one more token that is not active here.
    ctx.status = 200;
    ctx.body = { active: false };
  }
  if (ctx.path === ENDPOINTS.token && error === 'invalid_request' && reason === GRANT_NOT_REGISTERED) {
    // RFC 6749 §5.2.
    ctx.body = { error: 'unauthorized_client', error_description: 'This app may not use this grant type.' };
  }
  if (error === 'invalid_request' && WITHOUT_CREDENTIALS.has(reason)) {
    // RFC 6749 §5.2: no client authentication included.
    ctx.status = 401;
    ctx.body = { error: 'invalid_client', error_description: reason };
  }
  // RFC 9110 §15.5.2: whoever is not let in is told how.
  if (ctx.status === 401 && !ctx.response.get('WWW-Authenticate')) challengeForCredentials(ctx);
  if (ctx.path === ENDPOINTS.revocation && ctx.status === 200) {
    // RFC 7009 §2.2 lets clients ignore the body; those that parse every answer find an object in it.
    ctx.body = {};
  }
  // RFC 6749 §5.1 demands it beside Cache-Control; OAuth 2.1 no longer does.
  if (ctx.path === ENDPOINTS.token) ctx.set('Pragma', 'no-cache');
  // The engine repeats any origin until it knows the client. `null` belongs to nobody: sandboxes and files send it.
  if (ctx.response.get('Access-Control-Allow-Origin') === 'null') ctx.remove('Access-Control-Allow-Origin');
};

export function challengeForCredentials(ctx: Context): void {
  ctx.set('WWW-Authenticate', `Basic realm="${ctx.state.platform.config.issuer}"`);
}

/** In the engine's words: nothing that says who asks, or a name without the secret. */
const WITHOUT_CREDENTIALS: ReadonlySet<string | undefined> = new Set([
  'no client authentication mechanism provided',
  'client_secret must be provided in the Authorization header',
]);

const GRANT_NOT_REGISTERED = 'requested grant type is not allowed for this client';
