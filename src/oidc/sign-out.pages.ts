import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Context } from '../platform/web/context.ts';
import { renderPage } from '../platform/web/render.ts';
import { registered } from './registered-clients.ts';

/** The page an app's sign-out link leads to: nothing ends before the person says so (RP-Initiated Logout §6). */
export function confirmSignOut(ctx: KoaContextWithOIDC): void {
  const { client, session } = ctx.oidc;
  renderPage(ctx as unknown as Context, 'oidc/sign-out', {
    appName: client && registered(client).name,
    action: '/session/end/confirm',
    secret: session?.state?.secret,
  });
}

/** Where a person ends who signed out without an address to return to. */
export function showSignedOut(ctx: KoaContextWithOIDC): void {
  const { client } = ctx.oidc;
  renderPage(ctx as unknown as Context, 'oidc/sign-out-done', { appName: client && registered(client).name });
}
