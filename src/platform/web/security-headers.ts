import type { Platform } from '../platform.ts';
import type { Handler } from './context.ts';

/**
 * Sets the headers of every answer, before anything else runs: the engine adds its own script hash to a policy
 * that already names `script-src`. No `form-action`: browsers enforce it along the whole redirect after a form,
 * which ends at the client (decision 13). Comes before everything that answers.
 */
export function securityHeaders({ config }: Platform): Handler {
  const headers: Record<string, string> = {
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
    ...(config.secure ? { 'Strict-Transport-Security': 'max-age=31536000; includeSubDomains' } : {}),
  };
  return (ctx, next) => {
    ctx.set(headers);
    return next();
  };
}

/** For routes whose forms never end at a client (account, portal): forms may only be sent to this origin. */
export const formsStayHere: Handler = (ctx, next) => {
  ctx.set('Content-Security-Policy', `${CONTENT_SECURITY_POLICY}; form-action 'self'`);
  return next();
};

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');
