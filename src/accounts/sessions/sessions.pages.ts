import { z } from 'zod';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { accountActor } from '../actor.ts';
import { renderAccountPage } from '../area/account-page.ts';
import { sessionOf } from '../sign-in/require-session.ts';
import { deviceInWords } from './device-in-words.ts';
import { placeInWords } from './place-in-words.ts';
import { clearSession } from './session-cookie.ts';
import { endSessionOf, findSessionOf, type ListedSession, listSessions } from './session-list.ts';
import { endSessionsOfAccount } from './sessions.ts';

const Query = z.object({
  before: z.string().regex(UUID).optional().catch(undefined),
  ended: z.enum(['one', 'others']).optional().catch(undefined),
});

/** GET /account/sessions: this browser first, then the others by when they began. */
export function showSessions(platform: Platform): Handler {
  return async (ctx) => {
    const { id, accountId } = await sessionOf(platform, ctx);
    const { before, ended } = Query.parse({ ...ctx.query });
    const here = before ? undefined : await findSessionOf(platform, accountId, id);
    const { sessions, next } = await listSessions(platform, accountId, { before });
    await renderAccountPage(ctx, 'accounts/sessions/sessions', {
      here: here && inWords(here),
      others: sessions.filter((session) => session.id !== id).map(inWords),
      next,
      ended,
    });
  };
}

/** POST /account/sessions/:id/ending. Ending the session one sits in is signing out. */
export function submitSessionEnding(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}), { formPurpose: ENDING });
    const { id, accountId } = await sessionOf(platform, ctx);
    const sessionId = idIn(ctx);
    if (sessionId) await endSessionOf(platform, accountActor(ctx, accountId), { accountId, sessionId });
    if (sessionId !== id) return seeOther(ctx, '/account/sessions?ended=one');
    clearSession(ctx, platform.config);
    seeOther(ctx, '/sign-out');
  };
}

/** POST /account/sessions/endings: every session but this one. */
export function submitOtherSessionEndings(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const { id, accountId } = await sessionOf(platform, ctx);
    await endSessionsOfAccount(platform, accountActor(ctx, accountId), { accountId, except: id });
    seeOther(ctx, '/account/sessions?ended=others');
  };
}

/** One token serves all the buttons of the list. */
const ENDING = '/account/sessions/ending';

function idIn(ctx: Context): string | undefined {
  const id = String(ctx.params.id);
  return UUID.test(id) ? id : undefined;
}

function inWords({ userAgent, address, ...session }: ListedSession) {
  return { ...session, device: deviceInWords(userAgent), place: placeInWords(address) };
}
