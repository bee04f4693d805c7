import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { hasChosenLanguage, noteLanguageWishes } from '../../platform/web/language.ts';
import { findAccount } from '../account.ts';
import { readSession } from '../sessions/session-cookie.ts';
import { ticketOf } from '../sign-in/carried-ticket.ts';

/** Speaks as the app asked that sent the person here, or as their account says where they chose nothing here. */
export function speakTheirLanguage(platform: Platform): Handler {
  return async (ctx, next) => {
    noteLanguageWishes(ctx, { asked: ticketOf(ctx)?.locale });
    if (!hasChosenLanguage(ctx)) {
      const session = await readSession(platform, ctx);
      const account = session && (await findAccount(platform, session.accountId));
      noteLanguageWishes(ctx, { account: account?.locale });
    }
    return next();
  };
}
