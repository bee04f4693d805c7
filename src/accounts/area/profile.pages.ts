import { z } from 'zod';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { writeLanguage } from '../../platform/web/language.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { LANGUAGES } from '../../platform/words/texts.ts';
import { findAccount } from '../account.ts';
import { accountActor } from '../actor.ts';
import { nameField } from '../form-fields.ts';
import type { FormProblems } from '../form-problems.ts';
import { sessionOf } from '../sign-in/require-session.ts';
import { renderAccountPage } from './account-page.ts';
import { updateProfile } from './profile.ts';

/** GET /account/profile */
export function showProfile(platform: Platform): Handler {
  return (ctx) => renderProfile(ctx, platform);
}

const Profile = z.object({ name: nameField, language: z.enum(LANGUAGES) });

/** POST /account/profile: the name apps see, and the language of pages and letters. */
export function submitProfile(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Profile);
    if (!form.ok) return renderProfile(ctx, platform, form);
    const { name, language: locale } = form.value;
    const { accountId } = await sessionOf(platform, ctx);
    await updateProfile(platform, accountActor(ctx, accountId), { accountId, name, locale });
    // This browser follows at once, whatever was chosen in it before.
    writeLanguage(ctx, platform, locale);
    seeOther(ctx, '/account/profile?profile=saved');
  };
}

async function renderProfile(ctx: Context, platform: Platform, failed?: FormProblems): Promise<void> {
  const { accountId } = await sessionOf(platform, ctx);
  const account = await findAccount(platform, accountId);
  const { problems, entered, status = 422 } = failed ?? {};
  // What this page speaks: saving a new name must not change the language under the reader's eyes.
  const spoken = LANGUAGES.find((code) => code === ctx.state.language.code);
  const data = {
    ...{ account, problems, entered },
    languages: LANGUAGES.map(named),
    chosen: entered?.language ?? spoken ?? account?.locale,
    saved: ctx.query.profile === 'saved',
    emailChanged: ctx.query.email === 'changed',
  };
  await renderAccountPage(ctx, 'accounts/area/profile', data, { status: problems ? status : 200 });
}

/** Every language under its own name. */
function named(code: string) {
  return { code, name: new Intl.DisplayNames([code], { type: 'language' }).of(code) };
}
