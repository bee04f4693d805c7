import type { EventEmitter } from 'node:events';
import type Koa from 'koa';
import { databaseIsAway } from '../database/outage.ts';
import { REFUSAL_STATUS, Refusal } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { inEnglish } from '../words/english.ts';
import type { TextKey, Words } from '../words/text-keys.ts';
import type { Context, Handler } from './context.ts';
import { showView } from './render.ts';

/**
 * An error as a person sees it, in their language; programs get English. `details` are facts for developers, folded
 * away unless `advice` says what to do about them; never a cause or a secret. `next` is a way on.
 */
export interface ErrorPage {
  readonly status: number;
  readonly title: Words;
  readonly sentence: Words;
  readonly next?: { readonly label: Words; readonly href: string };
  readonly advice?: Words;
  readonly details?: Readonly<Record<string, string>>;
  /** Where developers read more of it, below the details. */
  readonly docs?: string;
  /** More for those who make the app, where this is their browser: what /partials/uri-difference shows, and a way on. */
  readonly forMembers?: { readonly difference?: unknown; readonly next?: string };
}

/**
 * The one place where a request that went wrong gets its answer: a page for browsers, problem details (RFC 9457)
 * for everything else. Faults are logged here, once, under the request id. Comes right after issuerRequests.
 */
export function errorEdge({ log }: Platform): Handler {
  return async (ctx, next) => {
    try {
      await next();
      answerNothing(ctx);
    } catch (error) {
      const refusal = refusalFor(error);
      // A database that is away is a fault of ours; a refusal because there is too much to do is none.
      if (refusal === undefined || (refusal.kind === 'busy' && refusal.cause !== undefined)) {
        // The route's pattern, not the path: a path may hold a handle.
        const { requestId } = ctx.state;
        log.error(
          { requestId, method: ctx.method, route: ctx._matchedRoute, err: error },
          'a request failed',
        );
      }
      answerFault(ctx, refusal);
    }
  };
}

/** Koa tells the app, not the edge, when a connection breaks under a request or an answer. Nobody is left to answer. */
export function logBrokenConnections(app: EventEmitter, { log }: Platform): void {
  app.on('error', (error: unknown, ctx?: Context) => {
    log.info({ requestId: ctx?.state.requestId, err: error }, 'a connection broke');
  });
}

/** Answers with the page or the problem details of a refusal; of a fault of ours where there is none. */
export function answerFault(ctx: Context, refusal: Refusal | undefined): void {
  if (ctx.headerSent) {
    ctx.res.destroy();
    return;
  }
  for (const header of LEFT_OVER) ctx.remove(header);
  if (refusal?.retryAfterSeconds !== undefined)
    ctx.set('Retry-After', String(Math.ceil(refusal.retryAfterSeconds)));
  const status = refusal ? REFUSAL_STATUS[refusal.kind] : 500;
  const error: ErrorPage = { status, title: titleOf(status), sentence: refusal?.words ?? 'errors.our-fault' };
  if (ctx.accepts('json', 'html') === 'html') renderErrorPage(ctx, error);
  else renderProblem(ctx, error);
}

/** The error page, for any Koa context: the engine renders its own errors with it too. */
export function renderErrorPage(ctx: Koa.ParameterizedContext, error: ErrorPage): void {
  const state: Partial<Context['state']> = ctx.state;
  showView(
    ctx,
    'errors/error',
    // Not even the way to another language names an address that was refused.
    { ...error, here: '/', requestId: requestIdOf(ctx), at: state.platform?.clock.now() },
    error.status,
  );
}

function renderProblem(ctx: Context, { status, title, sentence }: ErrorPage): void {
  ctx.status = status;
  ctx.set('Cache-Control', 'no-store');
  ctx.body = JSON.stringify({
    type: 'about:blank',
    title: inEnglish(title),
    status,
    detail: inEnglish(sentence),
    request_id: requestIdOf(ctx),
  });
  ctx.type = 'application/problem+json';
}

function requestIdOf(ctx: Koa.ParameterizedContext): string {
  return String(ctx.response.get('X-Request-Id'));
}

/** A request that no route answered, or that a route answers only under another method. */
function answerNothing(ctx: Context): void {
  if (ctx.respond === false || ctx.headerSent || (ctx.body !== undefined && ctx.body !== null)) return;
  if (ctx.status === 404) answerFault(ctx, new Refusal('not-found', 'errors.nothing-here'));
  if (ctx.status === 405 || ctx.status === 501)
    answerFault(ctx, new Refusal('method-not-allowed', 'errors.not-this-way'));
}

function refusalFor(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (databaseIsAway(error))
    return new Refusal('busy', 'errors.try-soon', { retryAfterSeconds: 5, cause: error });
  // What the router and Koa throw at malformed input carries a status; its message is not for visitors.
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  const kind = KINDS.find(([, known]) => known === status)?.[0];
  return kind && kind !== 'busy' ? new Refusal(kind, 'errors.cannot-read', { cause: error }) : undefined;
}

const KINDS = Object.entries(REFUSAL_STATUS) as [keyof typeof REFUSAL_STATUS, number][];

/** Headers of an answer that was being prepared when it failed. `Allow` stays: a 405 needs it. */
const LEFT_OVER = [
  'Location',
  'Set-Cookie',
  'ETag',
  'Last-Modified',
  'Content-Type',
  'Content-Length',
  'Content-Encoding',
  'Content-Disposition',
];

function titleOf(status: number): TextKey {
  return TITLES[status] ?? 'errors.title-other';
}

const TITLES: Record<number, TextKey> = {
  400: 'errors.title-unreadable',
  401: 'errors.title-sign-in-first',
  403: 'errors.title-stopped',
  404: 'errors.title-nothing-here',
  405: 'errors.title-not-this-way',
  409: 'errors.title-changed',
  410: 'errors.title-gone',
  413: 'errors.title-too-much',
  415: 'errors.title-form-expected',
  421: 'errors.title-wrong-address',
  429: 'errors.title-too-many-tries',
  500: 'errors.title-our-fault',
  503: 'errors.title-one-moment',
};
