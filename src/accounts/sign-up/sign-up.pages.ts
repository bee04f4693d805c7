import { z } from 'zod';
import { networksOf } from '../../platform/web/networks.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { renderPage } from '../../platform/web/render.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import type { TextKey } from '../../platform/words/text-keys.ts';
import { browserActor } from '../actor.ts';
import { judgeNewPassword } from '../credentials/new-password.ts';
import { emailField, nameField, newPasswordField, verificationCodeField } from '../form-fields.ts';
import { type FormProblems, mailCodeProblem, stepPage, tooManyLetters } from '../form-problems.ts';
import type { WaitingCode } from '../mail-codes.ts';
import { shortestPassword } from '../policy.ts';
import { ensureBrowser, originOf, readBrowser, readSession } from '../sessions/session-cookie.ts';
import { goOnWith } from '../sign-in/arrival.ts';
import { steadyAnswer } from '../steady-answer.ts';
import { carryTicket, ticketOf } from '../sign-in/carried-ticket.ts';
import { HOME, satisfies } from '../sign-in/sign-in-ticket.ts';
import {
  findSignUpCode,
  requestSignUp,
  resendSignUpCode,
  type VerifiedSignUp,
  verifySignUp,
} from './sign-up.ts';
import { findSignUpDoor, judgeSignUp, type SignUpDoor } from './sign-up-door.ts';

/** GET /sign-up */
export function showSignUp(platform: Platform): Handler {
  return async (ctx) => {
    const ticket = ticketOf(ctx);
    if (satisfies(await readSession(platform, ctx), ticket, platform.clock.now()))
      return seeOther(ctx, ticket?.returnTo ?? HOME);
    renderSignUp(ctx, await findSignUpDoor(platform, queried(ctx.query.pass)));
  };
}

const signUpForm = (platform: Platform) =>
  z.object({
    name: nameField,
    email: emailField,
    password: newPasswordField(platform),
    pass: z.string().max(200).optional(),
  });

/** POST /sign-up: the same answer whether or not the address has an account. */
export function submitSignUp(platform: Platform): Handler {
  const schema = signUpForm(platform);
  return async (ctx) => {
    const form = await readForm(ctx, schema);
    const door = await findSignUpDoor(platform, form.ok ? form.value.pass : form.entered.pass);
    if (!form.ok) return renderSignUp(ctx, door, form);
    const { name, email: address, password } = form.value;
    const entered = { name, email: address.email, ...(form.value.pass && { pass: form.value.pass }) };
    const judgement = await judgeNewPassword(platform, password, { email: address.email, name });
    if (!judgement.ok) return renderSignUp(ctx, door, { problems: { password: judgement.words }, entered });
    const hurdle = judgeSignUp(door, address);
    if (hurdle) return renderSignUp(ctx, door, { problems: { form: HURDLES[hurdle] }, entered });
    const outcome = await requestSignUp(platform, browserActor(ctx), {
      ...{ address, name, password, passId: door.pass?.id },
      browser: ensureBrowser(ctx, platform),
      locale: ctx.state.language.code,
      network: networksOf(ctx.state.address).narrow,
    });
    if (outcome.ok) return seeOther(ctx, carryTicket(ctx, '/sign-up/verification'));
    renderSignUp(ctx, door, { ...tooManyLetters(ctx, outcome), entered });
  };
}

const HURDLES = {
  closed: 'sign-up.closed-lead',
  'other-address': 'sign-up.pass-other-address',
  'other-domain': 'sign-up.other-domain',
} as const satisfies Record<string, TextKey>;

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
    if (outcome.ok) return goOnWith(ctx, platform, outcome);
    renderVerification(ctx, platform, waiting, problemOf(outcome));
  };
}

function problemOf(outcome: Extract<VerifiedSignUp, { ok: false }>): FormProblems {
  if (outcome.reason === 'address-taken') return { problems: { form: 'sign-up.taken' } };
  if (outcome.reason === 'pass-over') return { problems: { form: 'sign-up.pass-over' } };
  if (outcome.reason === 'wrong-code' || outcome.reason === 'no-code') return mailCodeProblem(outcome);
  return { problems: { form: HURDLES[outcome.reason] } };
}

/** POST /sign-up/verification/codes: another letter; the older code stops working. */
export function sendAnotherSignUpCode(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const browser = readBrowser(ctx, platform.config);
    const waiting = await findSignUpCode(platform, browser);
    if (!browser || !waiting) return seeOther(ctx, carryTicket(ctx, '/sign-up'));
    const request = { waiting, browser, locale: ctx.state.language.code };
    const outcome = await steadyAnswer(resendSignUpCode(platform, browserActor(ctx), request));
    if (!outcome.ok) return renderVerification(ctx, platform, waiting, tooManyLetters(ctx, outcome));
    seeOther(ctx, carryTicket(ctx, '/sign-up/verification', { letter: 'sent' }));
  };
}

function renderSignUp(ctx: Context, door: SignUpDoor, failed?: FormProblems): void {
  const presented = failed?.entered?.pass ?? queried(ctx.query.pass);
  const { title, hint } = ticketOf(ctx) ?? {};
  const pass = door.pass && { handle: presented, email: door.pass.emailKey };
  const shortest = shortestPassword(ctx.state.platform);
  const data = { title, hint, pass, domains: door.domains, shortest };
  if (door.closed) renderPage(ctx, 'accounts/sign-up/sign-up-closed', ...stepPage(ctx, { presented }));
  else renderPage(ctx, 'accounts/sign-up/sign-up', ...stepPage(ctx, data, failed));
}

function queried(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function renderVerification(
  ctx: Context,
  { mail }: Platform,
  { emailKey }: WaitingCode,
  failed?: FormProblems,
): void {
  const sentAgain = ctx.query.letter === 'sent';
  const data = { email: emailKey, sentAgain, mailbox: mail.kind === 'mailbox' };
  renderPage(ctx, 'accounts/sign-up/sign-up-verification', ...stepPage(ctx, data, failed));
}
