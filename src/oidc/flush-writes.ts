import type { Platform } from '../platform/platform.ts';
import type { Context, Handler } from '../platform/web/context.ts';
import { renderErrorPage } from '../platform/web/errors.ts';
import { type FlushOutcome, flushWriteSet } from '../tokens/flush.ts';
import { newRequestScope, runInScope } from './request-scope.ts';

/**
 * Gives each protocol request its write set and writes it before the answer leaves: 2xx, 3xx and 4xx are written
 * (a refusal may revoke), a fault discards. Whoever lost a race gets an error instead of the answer prepared.
 */
export function flushWrites(platform: Platform): Handler {
  return (ctx, next) => {
    const scope = newRequestScope(ctx.state.requestId);
    return runInScope(scope, async () => {
      await next();
      if (ctx.status >= 500) return;
      const outcome = await flushWriteSet(platform, scope.writes);
      if (outcome !== 'written') answerLoser(ctx, outcome);
    });
  };
}

function answerLoser(ctx: Context, outcome: Exclude<FlushOutcome, 'written'>): void {
  const { status, error, error_description } = lossOf(ctx, outcome);
  ctx.remove('Location');
  ctx.status = status;
  if (ctx.path.startsWith('/authorize')) {
    renderErrorPage(ctx, {
      status,
      title: 'This sign-in request does not work',
      sentence: 'The request was used already. Go back to the app and start again from there.',
      details: { error, reason: error_description },
    });
  } else {
    ctx.body = { error, error_description };
  }
}

/** RFC 6749 §5.2 and RFC 9449 §5: a spent artifact is an invalid grant; a replayed proof is the proof's fault. */
function lossOf(ctx: Context, outcome: 'replayed' | 'spent') {
  if (ctx.path.startsWith('/authorize')) {
    return { status: 400, error: 'invalid_request_uri', error_description: 'the request was used already' };
  }
  if (outcome === 'spent') {
    return { status: 400, error: 'invalid_grant', error_description: 'the grant was used already' };
  }
  return { status: 400, error: 'invalid_dpop_proof', error_description: 'the DPoP proof was used already' };
}
