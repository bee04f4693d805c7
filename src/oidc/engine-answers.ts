import type { Handler } from '../platform/web/context.ts';
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
  // The engine repeats any origin until it knows the client. `null` belongs to nobody: sandboxes and files send it.
  if (ctx.response.get('Access-Control-Allow-Origin') === 'null') ctx.remove('Access-Control-Allow-Origin');
};

const GRANT_NOT_REGISTERED = 'requested grant type is not allowed for this client';
