import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { deviceInWords } from '../sessions/device-in-words.ts';
import { sessionOf } from '../sign-in/require-session.ts';
import { renderAccountPage } from './account-page.ts';
import { listSignInMethods } from './sign-in-methods.ts';

/** GET /account/sign-in-methods: all of them on one page, each with the way to change it. */
export function showSignInMethods(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId } = await sessionOf(platform, ctx);
    const { trustedBrowsers, ...methods } = await listSignInMethods(platform, accountId);
    await renderAccountPage(ctx, 'accounts/area/sign-in-methods', {
      ...methods,
      trustedBrowsers: trustedBrowsers.map(({ userAgent, ...browser }) => ({
        ...browser,
        device: deviceInWords(userAgent),
      })),
    });
  };
}
