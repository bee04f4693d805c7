import Router from '@koa/router';
import compose from 'koa-compose';
import { requireRecent, requireSession } from '../accounts/sign-in/require-session.ts';
import { speakTheirLanguage } from '../accounts/area/their-language.ts';
import { requireApi } from '../developers/apis/require-api.ts';
import { requireApp } from '../developers/clients/require-app.ts';
import { requireMember } from '../developers/organizations/require-member.ts';
import { speakToDevelopers } from '../developers/portal-language.ts';
import { limitPages, limitPerson } from '../accounts/sessions/limit-person.ts';
import type { Platform } from '../platform/platform.ts';
import type { Context, Handler, RequestState } from '../platform/web/context.ts';
import { sameOriginOnly } from '../platform/web/csrf.ts';
import { publicRoute } from '../platform/web/guards.ts';
import { formsStayHere } from '../platform/web/security-headers.ts';
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
import {
  requirePersonalTokens,
  showNewToken,
  showTokens,
  showTokensInstead,
  submitNewToken,
  submitRevocation,
} from './personal-tokens.pages.ts';
import { limitCalls } from './limit-calls.ts';
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
  router.get(
    '/developers/organizations/:organization/apps/:client/consent-preview',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApp(platform),
    formsStayHere,
    showConsentPreview(platform),
  );
  router.post(
    '/developers/organizations/:organization/apis/:api/token-checks',
    sameOriginOnly,
    speakToDevelopers,
    requireSession(platform),
    requireMember(platform, 'build'),
    requireApi(platform),
    formsStayHere,
    submitTokenCheck(platform),
  );
  router.get(
    '/developers/organizations/:organization/apis/:api/token-checks',
    requireSession(platform),
    requireMember(platform, 'read'),
    requireApi(platform),
    showProtectionInstead,
  );
  return router;
}

/** What people see and take back of what they allowed: the part of the account area that knows apps. */
export function connectedAppRoutes(platform: Platform): Router<RequestState> {
  const router = new Router<RequestState>();
  router.use(speakTheirLanguage(platform));
  router.use('/account', limitPages(platform, { changes: 'account-changes' }));
  // Making things safer needs a session; a later end needs its person, proven just now.
  router.get('/account/apps', requireSession(platform), formsStayHere, showApps(platform));
  router.post(
    '/account/apps/removal',
    sameOriginOnly,
    requireSession(platform),
    submitRemovalOfAll(platform),
  );
  router.post(
    '/account/apps/:client/removal',
    sameOriginOnly,
    requireSession(platform),
    submitRemoval(platform),
  );
  router.post(
    '/account/apps/:client/installations/:grant/removal',
    sameOriginOnly,
    requireSession(platform),
    submitDisconnection(platform),
  );
  router.get(
    '/account/apps/:client/end',
    requireSession(platform),
    requireRecent(platform),
    formsStayHere,
    showEnd(platform),
  );
  router.post(
    '/account/apps/:client/end',
    sameOriginOnly,
    requireSession(platform),
    requireRecent(platform),
    submitEnd(platform),
  );
  router.get('/account/apps/{*rest}', requireSession(platform), showListInstead);
  return router;
}

/** Access tokens that people make for themselves. */
export function personalTokenRoutes(platform: Platform): Router<RequestState> {
  const router = new Router<RequestState>();
  router.use(speakTheirLanguage(platform));
  router.use('/account', limitPages(platform, { changes: 'account-changes' }));
  router.get(
    '/account/tokens',
    requirePersonalTokens(platform),
    requireSession(platform),
    formsStayHere,
    showTokens(platform),
  );
  router.get(
    '/account/tokens/new',
    requirePersonalTokens(platform),
    requireSession(platform),
    requireRecent(platform),
    formsStayHere,
    showNewToken(platform),
  );
  router.post(
    '/account/tokens/new',
    sameOriginOnly,
    requirePersonalTokens(platform),
    requireSession(platform),
    requireRecent(platform),
    submitNewToken(platform),
  );
  router.post(
    '/account/tokens/:id/revocation',
    sameOriginOnly,
    requirePersonalTokens(platform),
    requireSession(platform),
    submitRevocation(platform),
  );
  router.get(
    '/account/tokens/{*rest}',
    requirePersonalTokens(platform),
    requireSession(platform),
    showTokensInstead,
  );
  return router;
}
