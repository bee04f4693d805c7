import { Eta } from 'eta';
import type Koa from 'koa';
import { VIEWS_DIRECTORY } from '../views.ts';
import type { Context } from './context.ts';
import { formToken } from './csrf.ts';
import { brandOfRequest, languageOfRequest } from './language.ts';
import { asset } from './static.ts';

export interface PageOptions {
  readonly status?: number;
  /** Binds the page's forms to more than the path they are sent to; readForm must be given the same. */
  readonly formPurpose?: string;
}

/**
 * Answers with the view `views/<view>.eta` inside its layout. Besides `data` a view finds `it.formToken` (for a form
 * sent to this page's own path), `it.formTokenFor(purpose)`, `it.requestId`, and what showView adds.
 */
export function renderPage(ctx: Context, view: string, data: object = {}, options: PageOptions = {}): void {
  const { platform, requestId } = ctx.state;
  const formTokenFor = (purpose: string) => formToken(platform, ctx, purpose);
  // A view without a form sets no cookie: the token is made when it is printed.
  const lazyToken = { toString: () => formTokenFor(options.formPurpose ?? ctx.path) };
  showView(ctx, view, { requestId, formToken: lazyToken, formTokenFor, ...data }, options.status ?? 200);
}

/**
 * Renders a view on any Koa context. Every view finds `it.brand`, `it.serviceName`, `it.asset(name)`, its own address `it.here`,
 * and the language of the request: `it.language`, and the ways to speak it (Language): `it.t`, `it.strong`,
 * `it.linked`, `it.when`, `it.day`, `it.moment`.
 */
export function showView(ctx: Koa.ParameterizedContext, view: string, data: object, status: number): void {
  const brand = brandOfRequest(ctx);
  const { t, strong, linked, when, day, moment, ...language } = languageOfRequest(ctx);
  const spoken = { language, t, strong, linked, when, day, moment };
  const page = views.render(view, {
    ...{ brand, serviceName: brand.name, asset, here: ctx.originalUrl },
    ...spoken,
    ...data,
  });
  ctx.status = status;
  ctx.type = 'text/html; charset=utf-8';
  ctx.set('Cache-Control', 'no-store');
  ctx.body = page;
}

/** Compiled on first use, then kept. Every `<%= %>` is escaped; only partials and the layout's body are printed raw. */
const views = new Eta({ views: VIEWS_DIRECTORY, cache: true });
