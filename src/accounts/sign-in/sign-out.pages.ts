import { z } from 'zod';
import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { renderPage } from '../../platform/web/render.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { findAccount } from '../account.ts';
import { accountActor } from '../actor.ts';
import {
  clearSession,
  readHalfHandle,
  readSession,
  readSuspendedSession,
} from '../sessions/session-cookie.ts';
import { endSession, loadHalfSession } from '../sessions/sessions.ts';

/** GET /sign-out: a button, because no link may sign anybody out; or the word that it is done. */
export function showSignOut(platform: Platform): Handler {
  return async (ctx) => {
    const session = await readSession(platform, ctx);
    const account = session && (await findAccount(platform, session.accountId));
    renderPage(ctx, 'accounts/sign-in/sign-out', { account });
  };
}

/** POST /sign-out: ends the session here, with the access of apps that lives only as long, and a sign-in under way. */
export function submitSignOut(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const session = (await readSession(platform, ctx)) ?? (await readSuspendedSession(platform, ctx));
    const half = await loadHalfSession(platform, readHalfHandle(ctx, platform.config));
    for (const ending of [session, half]) {
      if (ending) await endSession(platform, accountActor(ctx, ending.accountId), ending.id);
    }
    clearSession(ctx, platform.config);
    seeOther(ctx, '/sign-out');
  };
}
