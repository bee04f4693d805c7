import { z } from 'zod';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { clearCookie, readCookie, setCookie } from '../../platform/web/cookies.ts';
import { readForm } from '../../platform/web/forms.ts';
import { renderPage } from '../../platform/web/render.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { browserActor } from '../actor.ts';
import { normalizeAddress } from '../addresses.ts';
import { judgeNewPassword } from '../credentials/new-password.ts';
import { emailField, newPasswordField, verificationCodeField } from '../form-fields.ts';
import { type FormProblems, mailCodeProblem, stepPage, tooManyLetters } from '../form-problems.ts';
import type { WaitingCode } from '../mail-codes.ts';
import { shortestPassword } from '../policy.ts';
import { ensureBrowser, readBrowser } from '../sessions/session-cookie.ts';
import { steadyAnswer } from '../steady-answer.ts';
import { carryHint, carryTicket, ticketOf } from '../sign-in/carried-ticket.ts';
import {
  completePasswordReset,
  findProvenReset,
  findResetCode,
  PASSWORD_RESET_SECONDS,
  type ProvenReset,
  proveResetCode,
  requestPasswordReset,
} from './password-reset.ts';

const START = '/password-reset';
const CODE = '/password-reset/code';

/** The proof that the code was typed in this browser; never in an address or a page. */
const RESET = 'reset';

/** GET /password-reset: which address? */
export const showPasswordReset: Handler = (ctx) => renderStart(ctx);

/** POST /password-reset: the same answer whether or not the address has an account. */
export function submitPasswordReset(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, z.object({ email: emailField }));
    if (!form.ok) return renderStart(ctx, form);
    const { email: address } = form.value;
    const request = { address, browser: ensureBrowser(ctx, platform), locale: ctx.state.language.code };
    const outcome = await steadyAnswer(requestPasswordReset(platform, browserActor(ctx), request));
    if (outcome.ok) return seeOther(ctx, carryTicket(ctx, CODE));
    renderStart(ctx, { ...tooManyLetters(ctx, outcome), entered: { email: address.email } });
  };
}

/** GET /password-reset/code: for the browser that asked. */
export function showResetCode(platform: Platform): Handler {
  return async (ctx) => {
    const waiting = await findResetCode(platform, readBrowser(ctx, platform.config));
    if (waiting) renderCode(ctx, platform, waiting);
    else seeOther(ctx, carryTicket(ctx, START));
  };
}

/** POST /password-reset/code: the code from the letter; a new password may be chosen next. */
export function submitResetCode(platform: Platform): Handler {
  return async (ctx) => {
    const { config } = platform;
    const form = await readForm(ctx, z.object({ code: verificationCodeField }));
    const browser = readBrowser(ctx, config);
    const waiting = await findResetCode(platform, browser);
    if (!browser || !waiting) return seeOther(ctx, carryTicket(ctx, START));
    if (!form.ok) return renderCode(ctx, platform, waiting, form);
    const { code } = form.value;
    const outcome = await proveResetCode(platform, browserActor(ctx), { waiting, browser, code });
    if (!outcome.ok) return renderCode(ctx, platform, waiting, mailCodeProblem(outcome));
    setCookie(ctx, config, RESET, outcome.handle.secret, { maxAgeSeconds: PASSWORD_RESET_SECONDS });
    seeOther(ctx, carryTicket(ctx, '/password-reset/password'));
  };
}

/** POST /password-reset/codes: another letter; the older code stops working. */
export function sendAnotherResetCode(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const browser = readBrowser(ctx, platform.config);
    const waiting = await findResetCode(platform, browser);
    const address = waiting && normalizeAddress(waiting.emailKey);
    if (!browser || !address) return seeOther(ctx, carryTicket(ctx, START));
    const request = { address, browser, locale: ctx.state.language.code };
    const outcome = await steadyAnswer(requestPasswordReset(platform, browserActor(ctx), request));
    if (!outcome.ok) return renderCode(ctx, platform, waiting, tooManyLetters(ctx, outcome));
    seeOther(ctx, carryTicket(ctx, CODE, { letter: 'sent' }));
  };
}

/** GET /password-reset/password: for the browser that typed the code. */
export function showNewPassword(platform: Platform): Handler {
  return async (ctx) => {
    const reset = await provenReset(ctx, platform);
    if (reset) renderNewPassword(ctx, reset);
    else seeOther(ctx, carryTicket(ctx, START));
  };
}

/** POST /password-reset/password: the new password; everybody is signed out, and signing in takes both factors. */
export function submitNewPassword(platform: Platform): Handler {
  const schema = z.object({ password: newPasswordField(platform) });
  return async (ctx) => {
    const form = await readForm(ctx, schema);
    const reset = await provenReset(ctx, platform);
    if (!reset) return seeOther(ctx, carryTicket(ctx, START));
    if (!form.ok) return renderNewPassword(ctx, reset, form);
    const { password } = form.value;
    const { email } = reset.account;
    const judgement = await judgeNewPassword(platform, password, reset.account);
    if (!judgement.ok) return renderNewPassword(ctx, reset, { problems: { password: judgement.words } });
    const done = await completePasswordReset(platform, browserActor(ctx), { reset, password });
    clearCookie(ctx, platform.config, RESET);
    seeOther(ctx, done ? carryHint(ctx, '/password-reset/done', email) : carryTicket(ctx, START));
  };
}

/** GET /password-reset/done */
export const showPasswordResetDone: Handler = (ctx) => {
  renderPage(ctx, 'accounts/recovery/password-reset-done', ...stepPage(ctx, {}));
};

function provenReset(ctx: Context, platform: Platform): Promise<ProvenReset | undefined> {
  const handle = readCookie(ctx, platform.config, RESET);
  return findProvenReset(platform, { handle, browser: readBrowser(ctx, platform.config) });
}

function renderStart(ctx: Context, failed?: FormProblems): void {
  const { title, hint } = ticketOf(ctx) ?? {};
  renderPage(ctx, 'accounts/recovery/password-reset', ...stepPage(ctx, { title, hint }, failed));
}

function renderCode(
  ctx: Context,
  { mail }: Platform,
  { emailKey }: WaitingCode,
  failed?: FormProblems,
): void {
  const sentAgain = ctx.query.letter === 'sent';
  const data = { email: emailKey, sentAgain, mailbox: mail.kind === 'mailbox' };
  renderPage(ctx, 'accounts/recovery/password-reset-code', ...stepPage(ctx, data, failed));
}

function renderNewPassword(ctx: Context, { account }: ProvenReset, failed?: FormProblems): void {
  const data = { email: account.email, shortest: shortestPassword(ctx.state.platform) };
  renderPage(ctx, 'accounts/recovery/password-reset-password', ...stepPage(ctx, data, failed));
}
