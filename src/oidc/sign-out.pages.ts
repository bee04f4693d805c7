import type { KoaContextWithOIDC } from 'oidc-provider';
import { findAccount } from '../accounts/account.ts';
import { readSession } from '../accounts/sessions/session-cookie.ts';
import type { Context } from '../platform/web/context.ts';
import { noteLanguageWishes } from '../platform/web/language.ts';
import { renderPage } from '../platform/web/render.ts';
import { speakAsAsked } from './asked-language.ts';
import { ENDPOINTS } from '../developers/endpoints.ts';
import { registered } from './registered-clients.ts';

/** The page an app's sign-out link leads to: nothing ends before the person says so (RP-Initiated Logout §6). */
export async function confirmSignOut(ctx: KoaContextWithOIDC): Promise<void> {
  speakAsAsked(ctx);
  const { session } = ctx.oidc;
  const { platform } = ours(ctx).state;
  const account = session?.accountId && (await findAccount(platform, session.accountId));
  if (account) noteLanguageWishes(ctx, { account: account.locale });
  renderPage(ours(ctx), 'oidc/sign-out', {
    appName: appName(ctx),
    email: account ? account.email : undefined,
    action: `${ENDPOINTS.end_session}/confirm`,
    secret: session?.state?.secret,
  });
}

/** Where a person ends whom the app gave no address to return to: signed out, or as before where they cancelled. */
export async function showSignedOut(ctx: KoaContextWithOIDC): Promise<void> {
  const stillHere = await readSession(ours(ctx).state.platform, ours(ctx));
  if (stillHere) renderPage(ours(ctx), 'oidc/sign-out-cancelled', { appName: appName(ctx) });
  else renderPage(ours(ctx), 'oidc/sign-out-done');
}

function appName({ oidc: { client } }: KoaContextWithOIDC): string | undefined {
  return client && registered(client).name;
}

/** The engine's requests come through our own stack, which prepared them like any other. */
function ours(ctx: KoaContextWithOIDC): Context {
  return ctx as unknown as Context;
}
