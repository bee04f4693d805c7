import { z } from 'zod';
import type { Platform } from '../platform/platform.ts';
import type { Context, Handler } from '../platform/web/context.ts';
import { asIssue, readForm } from '../platform/web/forms.ts';
import { renderPage } from '../platform/web/render.ts';
import { seeOther } from '../platform/web/see-other.ts';
import { browserActor } from './actor.ts';
import { goOnWith } from './arrival.ts';
import { carryTicket, ticketOf } from './carried-ticket.ts';
import { judgePassword } from './credentials/password-policy.ts';
import { emailField, nameField, newPasswordField, verificationCodeField } from './form-fields.ts';
import { type FormProblems, mailCodeProblem, stepPage, tooManyLetters } from './form-problems.ts';
import type { WaitingCode } from './mail-codes.ts';
import { ensureBrowser, originOf, readBrowser, readSession } from './session-cookie.ts';
import { HOME, satisfies } from './sign-in-ticket.ts';
import { findSignUpCode, requestSignUp, resendSignUpCode, verifySignUp } from './sign-up.ts';

/** GET /sign-up */
export function showSignUp(platform: Platform): Handler {
  return async (ctx) => {
    const ticket = ticketOf(ctx);
    if (satisfies(await readSession(platform, ctx), ticket, platform.clock.now()))
      return seeOther(ctx, ticket?.returnTo ?? HOME);
    renderSignUp(ctx);
  };
}

const SignUp = z
  .object({ name: nameField, email: emailField, password: newPasswordField })
  .superRefine(({ name, email, password }, ctx) => {
    const judgement = judgePassword(password, [email.email, name]);
    if (!judgement.ok) ctx.addIssue(asIssue(judgement.words, ['password']));
  });

/** POST /sign-up: the same answer whether or not the address has an account. */
export function submitSignUp(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, SignUp);
    if (!form.ok) return renderSignUp(ctx, form);
    const { name, email: address, password } = form.value;
    const browser = ensureBrowser(ctx, platform);
    const outcome = await requestSignUp(platform, browserActor(ctx), {
      ...{ address, name, password, browser },
      locale: ctx.state.language.code,
    });
    if (outcome.ok) return seeOther(ctx, carryTicket(ctx, '/sign-up/verification'));
    renderSignUp(ctx, { ...tooManyLetters(ctx, outcome), entered: { name, email: address.email } });
  };
}

/** GET /sign-up/verification: for the browser that signed up. */
export function showSignUpVerification(platform: Platform): Handler {
  return async (ctx) => {
    const waiting = await findSignUpCode(platform, readBrowser(ctx, platform.config));
    if (waiting) renderVerification(ctx, platform, waiting);
    else seeOther(ctx, carryTicket(ctx, '/sign-up'));
  };
}

const Verification = z.object({ code: verificationCodeField });

/** POST /sign-up/verification: the code from the letter makes the account; an authenticator is set up next. */
export function submitSignUpVerification(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Verification);
    const browser = readBrowser(ctx, platform.config);
    const waiting = await findSignUpCode(platform, browser);
    if (!waiting) return seeOther(ctx, carryTicket(ctx, '/sign-up'));
    if (!form.ok) return renderVerification(ctx, platform, waiting, form);
    const { code } = form.value;
    const outcome = await verifySignUp(platform, browserActor(ctx), { waiting, code, origin: originOf(ctx) });
    if (outcome.ok) {
      return goOnWith(ctx, platform, outcome);
    }
    const taken = outcome.reason === 'address-taken';
    renderVerification(
      ctx,
      platform,
      waiting,
      taken ? { problems: { form: 'sign-up.taken' } } : mailCodeProblem(outcome),
    );
  };
}

/** POST /sign-up/verification/codes: another letter; the older code stops working. */
export function sendAnotherSignUpCode(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const browser = readBrowser(ctx, platform.config);
    const waiting = await findSignUpCode(platform, browser);
    if (!browser || !waiting) return seeOther(ctx, carryTicket(ctx, '/sign-up'));
    const outcome = await resendSignUpCode(platform, browserActor(ctx), { waiting, browser });
    if (!outcome.ok) return renderVerification(ctx, platform, waiting, tooManyLetters(ctx, outcome));
    seeOther(ctx, carryTicket(ctx, '/sign-up/verification', { letter: 'sent' }));
  };
}

function renderSignUp(ctx: Context, failed?: FormProblems): void {
  renderPage(ctx, 'accounts/sign-up', ...stepPage(ctx, { title: ticketOf(ctx)?.title }, failed));
}

function renderVerification(
  ctx: Context,
  { mail }: Platform,
  { emailKey }: WaitingCode,
  failed?: FormProblems,
): void {
  const sentAgain = ctx.query.letter === 'sent';
  const data = { email: emailKey, sentAgain, mailbox: mail.kind === 'mailbox' };
  renderPage(ctx, 'accounts/sign-up-verification', ...stepPage(ctx, data, failed));
}
