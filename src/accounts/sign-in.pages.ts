import { z } from 'zod';
import type { Platform } from '../platform/platform.ts';
import type { Context, Handler } from '../platform/web/context.ts';
import { readForm } from '../platform/web/forms.ts';
import { renderPage } from '../platform/web/render.ts';
import { seeOther } from '../platform/web/see-other.ts';
import { findAccount, type Standing } from './account.ts';
import { accountActor, browserActor } from './actor.ts';
import { ticketOf } from './carried-ticket.ts';
import { sendVerificationCode } from './email-verification.ts';
import { currentPasswordField, emailField } from './form-fields.ts';
import { type FormProblems, stepPage, tooManyTries } from './form-problems.ts';
import { pathOfNextStep } from './require-session.ts';
import { ensureBrowser, originOf, readBrowser, readSession, writeHalfSession } from './session-cookie.ts';
import { nextStep, signIn } from './sign-in.ts';
import { HOME, satisfies } from './sign-in-ticket.ts';

/** GET /sign-in: the form, or straight on for a visitor whose session is enough for the ticket. */
export function showSignIn(platform: Platform): Handler {
  return async (ctx) => {
    const ticket = ticketOf(ctx);
    if (satisfies(await readSession(platform, ctx), ticket)) return seeOther(ctx, ticket?.returnTo ?? HOME);
    await renderSignIn(ctx, platform);
  };
}

const SignIn = z.object({ email: emailField, password: currentPasswordField });

/** POST /sign-in: the first factor, then the step that is due for this account. */
export function submitSignIn(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, SignIn);
    if (!form.ok) return renderSignIn(ctx, platform, form);
    const { email: address, password } = form.value;
    const { config } = platform;
    const credentials = {
      emailKey: address.emailKey,
      password,
      browser: readBrowser(ctx, config),
      origin: originOf(ctx),
    };
    const outcome = await signIn(platform, browserActor(ctx), credentials);
    const entered = { email: address.email };
    if (!outcome.ok && outcome.reason === 'wrong-credentials') {
      return renderSignIn(ctx, platform, { problems: { form: WRONG }, entered });
    }
    if (!outcome.ok) return renderSignIn(ctx, platform, { ...tooManyTries(ctx, outcome), entered });
    writeHalfSession(ctx, config, outcome.handle);
    await sendCodeIfDue(ctx, platform, outcome.standing);
    seeOther(ctx, pathOfNextStep(ctx, outcome.standing));
  };
}

const WRONG = 'This email and password do not match. Check both and try again.';

/** An account made by an operator proves its address now; the letter goes out before the page asks for its code. */
async function sendCodeIfDue(ctx: Context, platform: Platform, standing: Standing): Promise<void> {
  if (nextStep(standing) !== 'verification') return;
  const { account } = standing;
  const browser = ensureBrowser(ctx, platform);
  await sendVerificationCode(platform, accountActor(ctx, account.id), { account, browser });
}

async function renderSignIn(ctx: Context, platform: Platform, failed?: FormProblems): Promise<void> {
  const ticket = ticketOf(ctx);
  const session = await readSession(platform, ctx);
  const signedIn = session && (await findAccount(platform, session.accountId));
  const switching = ticket?.switchAccount ?? false;
  const hint = ticket?.hint ?? (switching ? undefined : signedIn?.email);
  const stay = switching && signedIn ? ticket?.returnTo : undefined;
  renderPage(
    ctx,
    'accounts/sign-in',
    ...stepPage(ctx, { title: ticket?.title, signedIn, hint, switching, stay }, failed),
  );
}
