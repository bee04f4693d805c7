import type Provider from 'oidc-provider';
import type { Session } from 'oidc-provider';
import { readSession } from '../accounts/sessions/session-cookie.ts';
import { GRANT_HAS_LIVE_SESSION, type LiveSession } from '../accounts/sessions/sessions.ts';
import { epochSeconds } from '../platform/clock.ts';
import { newHandle } from '../platform/crypto/secrets.ts';
import type { Platform } from '../platform/platform.ts';
import type { Context } from '../platform/web/context.ts';
import { keepSession, projectSessionsWith } from './internals.ts';
import { currentScope } from './request-scope.ts';

/**
 * Makes the engine's session a projection of the browser session (decision 1), anew at every request:
 * signed in elsewhere, signed out, expired or another account are in force at once, for prompt=none too.
 */
export function projectBrowserSessions(platform: Platform, provider: Provider): void {
  const newId = () => newHandle('session', platform.clock.now());
  projectSessionsWith(provider, newId, async (ctx, session) => {
    const browserSession = await readSession(platform, ctx as unknown as Context);
    const scope = currentScope();
    scope.browserSession = browserSession;
    scope.writes.grantsOnlyWhile = GRANT_HAS_LIVE_SESSION;
    if (browserSession) signIn(session, browserSession);
    else signOut(session);
  });
}

/** What an account allowed belongs to it alone: with another account the session's authorizations are gone. */
function signIn(session: Session, { accountId, authenticatedAt, acr, amr }: LiveSession): void {
  if (session.accountId !== accountId) session.authorizations = undefined;
  session.accountId = accountId;
  session.loginTs = epochSeconds(authenticatedAt);
  session.acr = acr;
  session.amr = [...amr];
  keepSession(session);
}

function signOut(session: Session): void {
  session.accountId = undefined;
  session.loginTs = undefined;
  session.acr = undefined;
  session.amr = undefined;
  session.authorizations = undefined;
}
