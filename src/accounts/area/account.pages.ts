import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { sessionOf } from '../sign-in/require-session.ts';
import { renderAccountPage } from './account-page.ts';
import { checkUp } from './check-up.ts';
import { loadCheckUp } from './check-up-facts.ts';

/** GET /account: the security checkup, and who is signed in. */
export function showAccount(platform: Platform): Handler {
  return async (ctx) => {
    const session = await sessionOf(platform, ctx);
    const findings = checkUp(await loadCheckUp(platform, session));
    const { authenticatedAt } = session;
    const kept = ctx.query.kept !== undefined;
    await renderAccountPage(ctx, 'accounts/area/account', { findings, authenticatedAt, kept });
  };
}
