import Router from '@koa/router';
import { serveBrand } from './brand.ts';
import type { RequestState } from './context.ts';
import { publicRoute } from './guards.ts';
import { mailboxPage } from './mailbox.pages.ts';
import { seeOther } from './see-other.ts';
import { serveAsset, serveFile } from './static.ts';

/** What the web expects at fixed addresses, our own files, and the mailbox of a development server. */
export function webRoutes(): Router<RequestState> {
  const router = new Router<RequestState>();
  router.get('/assets/:file', publicRoute, serveAsset);
  router.get('/brand/:file', publicRoute, serveBrand);
  router.get('/robots.txt', publicRoute, serveFile('robots.txt'));
  router.get('/favicon.ico', publicRoute, serveFile('favicon.svg'));
  // W3C "A Well-Known URL for Changing Passwords": password managers send people here.
  router.get('/.well-known/change-password', publicRoute, (ctx) =>
    seeOther(ctx, '/account/sign-in-methods/password'),
  );
  router.get('/mailbox', publicRoute, mailboxPage);
  return router;
}
