import type { Platform } from '../platform/platform.ts';
import type { Context, Handler } from '../platform/web/context.ts';
import { renderErrorPage } from '../platform/web/errors.ts';
import { type FlushOutcome, flushWriteSet } from '../tokens/flush.ts';
import { keepNothingIssued } from '../tokens/write-set.ts';
import { ENDPOINTS } from '../developers/endpoints.ts';
import { challengeForCredentials } from './engine-answers.ts';
import { newRequestScope, type RequestScope, runInScope } from './request-scope.ts';

/**
 * Gives each protocol request its write set and writes it before the answer leaves. A refusal may revoke but spends
 * and issues nothing, a fault discards everything. Whoever lost a race gets an error instead of the answer prepared.
 */
export function flushWrites(platform: Platform): Handler {
  return (ctx, next) => {
    const scope = newRequestScope(ctx);
    return runInScope(scope, async () => {
      await next();
      if (ctx.status >= 500 || scope.failed) return;
      if (ctx.status >= 400) keepNothingIssued(scope.writes);
      const outcome = await flushWriteSet(platform, scope.writes);
      if (outcome === 'written') return;
      scope.noted.lost = outcome;
      answerLoser(ctx, scope, outcome);
    });
  };
}

function answerLoser(ctx: Context, scope: RequestScope, outcome: Exclude<FlushOutcome, 'written'>): void {
  const { status, error, error_description } = lossOf(ctx, scope, outcome);
  ctx.remove('Location');
  ctx.status = status;
  if (ctx.path.startsWith(ENDPOINTS.authorization)) {
    renderErrorPage(ctx, {
      status,
      title: 'protocol.sign-in-title',
      sentence: 'protocol.request-used',
      details: { error, reason: error_description },
    });
  } else {
    ctx.body = { error, error_description };
  }
}

/** RFC 6749 §5.2 and RFC 9449 §5: a spent artifact is an invalid grant; a replayed proof is the proof's fault. */
function lossOf(ctx: Context, { assertion }: RequestScope, outcome: 'replayed' | 'spent') {
  if (ctx.path.startsWith(ENDPOINTS.authorization)) {
    return { status: 400, error: 'invalid_request_uri', error_description: 'the request was used already' };
  }
  if (outcome === 'spent') {
    // In the engine's own words: a code is refused in one way, whatever is wrong with it.
    return { status: 400, error: 'invalid_grant', error_description: 'grant request is invalid' };
  }
  // Where both are used again, the client has not even proven who it is (RFC 7523 §3.2).
  if (assertion) {
    challengeForCredentials(ctx);
    return { status: 401, error: 'invalid_client', error_description: 'client authentication failed' };
  }
  const loss = { error: 'invalid_dpop_proof', error_description: 'the DPoP proof was used already' };
  if (ctx.path !== ENDPOINTS.userinfo) return { status: 400, ...loss };
  // RFC 9449 §7.1: at a protected resource the proof is what the request was to be let in by.
  ctx.set('WWW-Authenticate', `DPoP error="${loss.error}", error_description="${loss.error_description}"`);
  return { status: 401, ...loss };
}
