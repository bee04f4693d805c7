import { z } from 'zod';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { renderPage } from '../../platform/web/render.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { accountActor } from '../actor.ts';
import { oneTimeCodeField, verificationCodeField } from '../form-fields.ts';
import {
  type FormProblems,
  mailCodeProblem,
  stepPage,
  tooManyLetters,
  tooManyTries,
} from '../form-problems.ts';
import { ensureBrowser, readBrowser } from '../sessions/session-cookie.ts';
import { completionOf, destinationOf, enter } from '../sign-in/arrival.ts';
import { carryTicket } from '../sign-in/carried-ticket.ts';
import { sessionOf, signInUnderWay } from '../sign-in/require-session.ts';
import { seedToShow } from '../sign-in/seed-to-show.ts';
import { cancelFactorReset, refusesSlowReset, startFactorReset, waitingFactorReset } from './factor-reset.ts';
import { sendResetCode } from './factor-reset-codes.ts';
import { completeFactorReset, isResetDue, proveMailbox, resetSeed } from './factor-reset-completion.ts';

const START = '/sign-in/lost-factor';
const CODE = '/sign-in/lost-factor/code';
const AUTHENTICATOR = '/sign-in/lost-factor/authenticator';

const Nothing = z.object({});
const MailCode = z.object({ code: verificationCodeField });
const Enrolment = z.object({ code: oneTimeCodeField });

/** GET /sign-in/lost-factor: what can be done without any second factor, and how long it takes. */
export function showLostFactor(platform: Platform): Handler {
  return (ctx) => renderLostFactor(ctx, platform);
}

/** POST /sign-in/lost-factor/codes: a letter with a code, to begin the wait or to end it. */
export function sendLostFactorCode(platform: Platform): Handler {
  return async (ctx) => {
    const { account } = signInUnderWay(ctx).standing;
    await readForm(ctx, Nothing);
    if (!(await mayAskForCode(platform, ctx))) return seeOther(ctx, carryTicket(ctx, START));
    const browser = ensureBrowser(ctx, platform);
    const outcome = await sendResetCode(platform, accountActor(ctx, account.id), { account, browser });
    if (!outcome.ok) return renderLostFactor(ctx, platform, tooManyLetters(ctx, outcome));
    seeOther(ctx, carryTicket(ctx, CODE));
  };
}

/** GET /sign-in/lost-factor/code */
export function showLostFactorCode(platform: Platform): Handler {
  return async (ctx) => {
    if (!(await mayAskForCode(platform, ctx))) return seeOther(ctx, carryTicket(ctx, START));
    renderCode(ctx, platform);
  };
}

/** POST /sign-in/lost-factor/code: begins the wait; after it, leads on to a new authenticator. */
export function submitLostFactorCode(platform: Platform): Handler {
  return async (ctx) => {
    const { half, standing } = signInUnderWay(ctx);
    const { account } = standing;
    const form = await readForm(ctx, MailCode);
    if (!form.ok) return renderCode(ctx, platform, form);
    const due = await isResetDue(platform, account);
    const browser = readBrowser(ctx, platform.config);
    const input = { half, account, browser, code: form.value.code };
    const actor = accountActor(ctx, account.id);
    const outcome = await (due ? proveMailbox : startFactorReset)(platform, actor, input);
    if (outcome.ok) return seeOther(ctx, carryTicket(ctx, due ? AUTHENTICATOR : START));
    if (outcome.reason === 'refused' || outcome.reason === 'not-due')
      return seeOther(ctx, carryTicket(ctx, START));
    if (outcome.reason === 'too-many-tries') return renderCode(ctx, platform, tooManyTries(ctx, outcome));
    renderCode(ctx, platform, mailCodeProblem(outcome));
  };
}

/** GET /sign-in/lost-factor/authenticator: for the half session alone that typed the code of its letter. */
export function showLostFactorAuthenticator(platform: Platform): Handler {
  return (ctx) => renderAuthenticator(ctx, platform);
}

/** POST /sign-in/lost-factor/authenticator: completes the reset and signs in; shows the new recovery codes, once. */
export function submitLostFactorAuthenticator(platform: Platform): Handler {
  return async (ctx) => {
    const { half, standing } = signInUnderWay(ctx);
    const { account } = standing;
    const form = await readForm(ctx, Enrolment);
    if (!form.ok) return renderAuthenticator(ctx, platform, form);
    const completion = await completionOf(ctx, platform, half);
    const input = { ...completion, account, code: form.value.code };
    const outcome = await completeFactorReset(platform, accountActor(ctx, account.id), input);
    if (outcome.ok) {
      enter(ctx, platform, outcome);
      const { recoveryCodes } = outcome;
      return renderPage(ctx, 'accounts/recovery/factor-reset-done', {
        recoveryCodes,
        next: destinationOf(ctx),
      });
    }
    if (outcome.reason === 'session-over') return seeOther(ctx, carryTicket(ctx, '/sign-in'));
    if (outcome.reason === 'not-due') return seeOther(ctx, carryTicket(ctx, START));
    return renderAuthenticator(ctx, platform, { problems: { code: 'enrolment.wrong-code' } });
  };
}

/** POST /account/factor-reset/cancellation: whoever is signed in stops the wait. */
export function submitResetCancellation(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId } = await sessionOf(platform, ctx);
    await readForm(ctx, Nothing);
    await cancelFactorReset(platform, accountActor(ctx, accountId), { accountId, by: 'session' });
    seeOther(ctx, '/account');
  };
}

/** A letter helps only who may begin a wait, or has waited long enough. */
async function mayAskForCode(platform: Platform, ctx: Context): Promise<boolean> {
  const { account } = signInUnderWay(ctx).standing;
  if (await refusesSlowReset(platform, account)) return false;
  return !(await waitingFactorReset(platform, account.id)) || isResetDue(platform, account);
}

async function renderLostFactor(ctx: Context, platform: Platform, failed?: FormProblems): Promise<void> {
  const { account } = signInUnderWay(ctx).standing;
  const data = {
    email: account.email,
    refused: await refusesSlowReset(platform, account),
    reset: await waitingFactorReset(platform, account.id),
    due: await isResetDue(platform, account),
  };
  renderPage(ctx, 'accounts/recovery/factor-reset', ...stepPage(ctx, data, failed));
}

function renderCode(ctx: Context, { mail }: Platform, failed?: FormProblems): void {
  const { email } = signInUnderWay(ctx).standing.account;
  const data = { email, mailbox: mail.kind === 'mailbox' };
  renderPage(ctx, 'accounts/recovery/factor-reset-code', ...stepPage(ctx, data, failed));
}

async function renderAuthenticator(ctx: Context, platform: Platform, failed?: FormProblems): Promise<void> {
  const { half, standing } = signInUnderWay(ctx);
  const seed = await resetSeed(platform, { half, account: standing.account });
  if (!seed) return seeOther(ctx, carryTicket(ctx, START));
  const data = { email: standing.account.email, ...seedToShow(seed) };
  renderPage(ctx, 'accounts/recovery/factor-reset-authenticator', ...stepPage(ctx, data, failed));
}
