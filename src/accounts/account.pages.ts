import type { Platform } from '../platform/platform.ts';
import type { Handler } from '../platform/web/context.ts';
import { renderPage } from '../platform/web/render.ts';
import { findAccount } from './account.ts';
import { sessionOf } from './require-session.ts';

/** GET /account: who is signed in. */
export function showAccount(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId, authenticatedAt } = await sessionOf(platform, ctx);
    renderPage(ctx, 'accounts/account', { account: await findAccount(platform, accountId), authenticatedAt });
  };
}
