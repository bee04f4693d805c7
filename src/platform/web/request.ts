import type { IncomingMessage } from 'node:http';
import type Koa from 'koa';
import type { Config } from '../../config.ts';
import { Refusal } from '../errors.ts';
import { newId } from '../ids.ts';
import type { Platform } from '../platform.ts';
import { clientAddresses } from './client-address.ts';
import type { Handler } from './context.ts';
import { answerFault } from './errors.ts';
import { prepareLanguage } from './language.ts';

/**
 * Names the request, finds the visitor's address, and lets only requests through that are meant for the issuer
 * (decision 11): another Host gets 421, a target that cannot be read 400. Comes right after securityHeaders and
 * before errorEdge; answers its own refusals.
 */
export function issuerRequests(platform: Platform): Handler {
  const addressOf = clientAddresses(platform.config);
  return async (ctx, next) => {
    ctx.state.platform = platform;
    ctx.state.requestId = requestIdOf(ctx.get('X-Request-Id'));
    ctx.state.address = addressOf(ctx.req);
    ctx.request.ip = ctx.state.address;
    ctx.set('X-Request-Id', ctx.state.requestId);
    prepareLanguage(ctx, platform);
    const refusal = refusalOf(platform.config, ctx.req);
    if (refusal) answerFault(ctx, refusal);
    else await next();
  };
}

/**
 * Makes an app, ours or the engine's, build every URL and cookie flag from the issuer, whatever Host,
 * forwarded headers or an absolute request target say (C13, C17).
 */
export function pinIssuer(app: { readonly request: object }, config: Config): void {
  const { protocol, host, hostname, origin } = new URL(config.issuer);
  const fixed = { protocol: protocol.slice(0, -1), secure: config.secure, host, hostname, origin };
  for (const [name, value] of Object.entries(fixed)) {
    Object.defineProperty(app.request, name, { get: () => value, configurable: true });
  }
  Object.defineProperty(app.request, 'href', {
    get(this: Koa.Request) {
      return origin + targetOf(this.originalUrl);
    },
    configurable: true,
  });
}

function refusalOf(config: Config, req: IncomingMessage): Refusal | undefined {
  const target = req.url ?? '';
  if (!target.startsWith('/')) return misdirected(config);
  if (hostsOf(req) > 1) return new Refusal('bad-request', 'errors.two-hosts');
  if (!isForIssuer(config, req) && !isInternal(config, req)) return misdirected(config);
  if (!readable(target)) return new Refusal('bad-request', 'errors.unreadable-address');
  return undefined;
}

function misdirected({ issuer }: Config): Refusal {
  return new Refusal('misdirected', { key: 'errors.wrong-host', values: { address: issuer } });
}

function isForIssuer({ issuerHost }: Config, { headers }: IncomingMessage): boolean {
  return headers.host?.toLowerCase() === issuerHost;
}

/** What services inside the network may call under an internal name; every URL in the answer is still the issuer's. */
function isInternal({ internalHosts }: Config, { headers, method = '', url = '' }: IncomingMessage): boolean {
  if (!internalHosts.includes(headers.host?.toLowerCase() ?? '')) return false;
  const [path = ''] = url.split('?', 1);
  // Gateways ask with the method of the call, and Envoy under the Host that the API was called by.
  if (path === '/check' || path.startsWith('/check/')) return true;
  if (method === 'POST') return INTERNAL_POSTS.has(path);
  return (method === 'GET' || method === 'HEAD') && (path === '/jwks' || path.startsWith('/.well-known/'));
}

const INTERNAL_POSTS = new Set(['/token', '/token/introspection', '/token/revocation']);

function hostsOf({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
}

/** Visible ASCII, and every percent sign the start of UTF-8 without NUL. */
function readable(target: string): boolean {
  if (!/^[\x21-\x7e]*$/.test(target)) return false;
  try {
    return !decodeURIComponent(target).includes('\0');
  } catch {
    return false;
  }
}

/** Ours is sortable by time: an index of them grows at its end. */
function requestIdOf(given: string): string {
  return /^[A-Za-z0-9._-]{8,64}$/.test(given) ? given : newId();
}

function targetOf(originalUrl: string): string {
  if (originalUrl.startsWith('/')) return originalUrl;
  const url = URL.parse(originalUrl);
  return url ? url.pathname + url.search : '/';
}
