import Router from '@koa/router';
import compose from 'koa-compose';
import type { Platform } from '../platform/platform.ts';
import type { Context, Handler, RequestState } from '../platform/web/context.ts';
import { sameOriginOnly } from '../platform/web/csrf.ts';
import { publicRoute } from '../platform/web/guards.ts';
import { endBrowserSession } from './end-browser-session.ts';
import { onlyPublishedPaths } from './endpoints.ts';
import { correctAnswers } from './engine-answers.ts';
import { flushWrites } from './flush-writes.ts';
import { cancelInteraction, decide, showConsent } from './interaction/consent.pages.ts';
import { dispatch } from './interaction/next-step.pages.ts';
import type { Engine } from './provider.ts';
import { publishedDocuments } from './published-documents.ts';
import { recordProtocolCalls } from './recorder.ts';

/** Everything the engine answers, and the pages on which people answer the engine. */
export function protocolRoutes(platform: Platform, engine: Engine): Handler {
  const pages = new Router<RequestState, Context>();
  // Public: openInteraction() admits only the browser that holds the interaction's signed cookie.
  pages.get('/interaction/:uid', publicRoute, dispatch(platform, engine));
  pages.get('/interaction/:uid/consent', publicRoute, showConsent(platform, engine));
  pages.post('/interaction/:uid/consent', publicRoute, sameOriginOnly, decide(platform, engine));
  pages.post(
    '/interaction/:uid/cancellation',
    publicRoute,
    sameOriginOnly,
    cancelInteraction(platform, engine),
  );
  // The engine's own form: its secret is checked there, where it was sent from here.
  pages.post('/session/end/confirm', publicRoute, sameOriginOnly);
  return compose([
    publishedDocuments(engine),
    recordProtocolCalls(platform),
    flushWrites(platform),
    pages.routes() as unknown as Handler,
    endBrowserSession(platform),
    correctAnswers,
    onlyPublishedPaths(engine.middleware as unknown as Handler),
  ]) as Handler;
}
