import { z } from 'zod';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { writeLanguage } from '../../platform/web/language.ts';
import { renderPage } from '../../platform/web/render.ts';
import { safeReturnTo } from '../../platform/web/return-to.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { LANGUAGES, PSEUDO } from '../../platform/words/texts.ts';
import { accountActor } from '../actor.ts';
import { readSession } from '../sessions/session-cookie.ts';
import { chooseLanguage } from './language.ts';

/** GET /language: every language under its own name. */
export const showLanguages: Handler = (ctx) => {
  const from = pageBefore(ctx);
  renderPage(ctx, 'accounts/area/language', { languages: LANGUAGES.map(named), from, here: from });
};

const Choice = z.object({ language: z.enum([...LANGUAGES, PSEUDO]) });

/** POST /language: remembered in this browser and, where somebody is signed in, with the account. */
export function submitLanguage(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Choice);
    if (!form.ok) return seeOther(ctx, '/language');
    const { language } = form.value;
    writeLanguage(ctx, platform, language);
    const session = await readSession(platform, ctx);
    if (session && language !== PSEUDO) {
      const { accountId } = session;
      await chooseLanguage(platform, accountActor(ctx, accountId), { accountId, locale: language });
    }
    seeOther(ctx, pageBefore(ctx));
  };
}

function pageBefore(ctx: Context): string {
  return safeReturnTo(ctx.query.from) ?? '/';
}

function named(code: string) {
  return { code, name: new Intl.DisplayNames([code], { type: 'language' }).of(code) };
}
