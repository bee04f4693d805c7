import Router from '@koa/router';
import compose from 'koa-compose';
import { speakTheirLanguage } from '../accounts/area/their-language.ts';
import { limitPages, limitPerson } from '../accounts/sessions/limit-person.ts';
import { pagesOfAccount } from '../accounts/sign-in/account-guards.ts';
import { speakToDevelopers } from '../developers/portal-language.ts';
import { pagesOfApi, pagesOfApp } from '../developers/portal-guards.ts';
import type { Platform } from '../platform/platform.ts';
import type { Context, Handler, RequestState } from '../platform/web/context.ts';
import { sameOriginOnly } from '../platform/web/csrf.ts';
import { publicRoute } from '../platform/web/guards.ts';
import {
  showApps,
  showEnd,
  showListInstead,
  submitDisconnection,
  submitEnd,
  submitRemoval,
  submitRemovalOfAll,
} from './connected-apps.pages.ts';
import { endBrowserSession } from './end-browser-session.ts';
import { onlyPublishedPaths } from './endpoints.ts';
import { correctAnswers } from './engine-answers.ts';
import { flushWrites } from './flush-writes.ts';
import { cancelInteraction, decide, showConsent, showConsentPreview } from './interaction/consent.pages.ts';
import { dispatch } from './interaction/next-step.pages.ts';
import { limitCalls } from './limit-calls.ts';
import {
  requirePersonalTokens,
  showNewToken,
  showTokens,
  showTokensInstead,
  submitNewToken,
  submitRevocation,
} from './personal-tokens.pages.ts';
import { askAgainByGet } from './posted-requests.ts';
import type { Engine } from './provider.ts';
import { publishedDocuments } from './published-documents.ts';
import { recordProtocolCalls } from './recorder.ts';
import { showProtectionInstead, submitTokenCheck } from './token-checks.pages.ts';

/** Everything the engine answers, and the pages on which people answer the engine. */
export function protocolRoutes(platform: Platform, engine: Engine): Handler {
  const pages = new Router<RequestState, Context>();
  pages.use(speakTheirLanguage(platform));
  // Public: openInteraction() admits only the browser that holds the interaction's signed cookie.
  pages.get('/interaction/:uid', publicRoute, dispatch(platform, engine));
  pages.get('/interaction/:uid/consent', publicRoute, showConsent(platform, engine));
  pages.post(
    '/interaction/:uid/consent',
    publicRoute,
    sameOriginOnly,
    limitPerson(platform, 'account-changes'),
    decide(platform, engine),
  );
  pages.post(
    '/interaction/:uid/cancellation',
    publicRoute,
    sameOriginOnly,
    limitPerson(platform, 'account-changes'),
    cancelInteraction(platform, engine),
  );
  // The engine's own form: its secret is checked there, where it was sent from here.
  pages.post('/session/end/confirm', publicRoute, sameOriginOnly);
  return compose([
    publishedDocuments(engine),
    askAgainByGet,
    recordProtocolCalls(platform),
    flushWrites(platform),
    limitCalls(platform),
    pages.routes() as unknown as Handler,
    endBrowserSession(platform),
    correctAnswers,
    onlyPublishedPaths(engine.middleware as unknown as Handler),
  ]) as Handler;
}

/** Pages of the portal that only the protocol can draw: an app's consent page beforehand, and what a token is worth. */
export function portalPageRoutes(platform: Platform): Router<RequestState> {
  const router = new Router<RequestState>();
  router.use('/developers', limitPages(platform, { looks: 'portal', changes: 'portal-changes' }));
  router.use('/developers/organizations/:organization/apis/:api/token-checks', speakToDevelopers);
  const app = pagesOfApp(router, platform);
  const api = pagesOfApi(router, platform);
  app.get('/consent-preview', { may: 'read' }, showConsentPreview(platform));
  api.post('/token-checks', { may: 'build' }, submitTokenCheck(platform));
  api.get('/token-checks', { may: 'read' }, showProtectionInstead);
  return router;
}

/** What people see and take back of what they allowed: the part of the account area that knows apps. */
export function connectedAppRoutes(platform: Platform): Router<RequestState> {
  const router = new Router<RequestState>();
  router.use(speakTheirLanguage(platform));
  router.use('/account', limitPages(platform, { changes: 'account-changes' }));
  const page = pagesOfAccount(router, platform);
  // Making things safer needs a session; a later end needs its person, proven just now.
  page.get('/account/apps', { recent: false }, showApps(platform));
  page.post('/account/apps/removal', { recent: false }, submitRemovalOfAll(platform));
  page.post('/account/apps/:client/removal', { recent: false }, submitRemoval(platform));
  page.post(
    '/account/apps/:client/installations/:grant/removal',
    { recent: false },
    submitDisconnection(platform),
  );
  page.get('/account/apps/:client/end', { recent: true }, showEnd(platform));
  page.post('/account/apps/:client/end', { recent: true }, submitEnd(platform));
  page.get('/account/apps/{*rest}', { recent: false }, showListInstead);
  return router;
}

/** Access tokens that people make for themselves. */
export function personalTokenRoutes(platform: Platform): Router<RequestState> {
  const router = new Router<RequestState>();
  router.use(speakTheirLanguage(platform));
  router.use('/account', limitPages(platform, { changes: 'account-changes' }));
  router.use('/account/tokens', requirePersonalTokens(platform));
  const page = pagesOfAccount(router, platform);
  page.get('/account/tokens', { recent: false }, showTokens(platform));
  page.get('/account/tokens/new', { recent: true }, showNewToken(platform));
  page.post('/account/tokens/new', { recent: true }, submitNewToken(platform));
  page.post('/account/tokens/:id/revocation', { recent: false }, submitRevocation(platform));
  page.get('/account/tokens/{*rest}', { recent: false }, showTokensInstead);
  return router;
}
