import { z } from 'zod';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { accountActor } from '../actor.ts';
import { emailField, verificationCodeField } from '../form-fields.ts';
import { type FormProblems, mailCodeProblem, tooManyLetters } from '../form-problems.ts';
import { ensureBrowser, readBrowser } from '../sessions/session-cookie.ts';
import { sessionOf } from '../sign-in/require-session.ts';
import { renderAccountPage } from './account-page.ts';
import {
  confirmEmailChange,
  findWaitingChange,
  requestEmailChange,
  resendChangeCode,
  type WaitingChange,
} from './email-change.ts';

const PAGE = '/account/email';
const CODE = '/account/email/code';

/** GET /account/email */
export const showEmailChange: Handler = (ctx) => renderEmailChange(ctx);

/** POST /account/email: the same answer whoever the new address belongs to. */
export function submitEmailChange(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, z.object({ email: emailField }));
    if (!form.ok) return renderEmailChange(ctx, form);
    const { email: address } = form.value;
    const session = await sessionOf(platform, ctx);
    const request = { session, address, browser: ensureBrowser(ctx, platform) };
    const outcome = await requestEmailChange(platform, accountActor(ctx, session.accountId), request);
    if (outcome.ok) return seeOther(ctx, CODE);
    if (outcome.reason === 'session-over') return seeOther(ctx, PAGE);
    const failed =
      outcome.reason === 'same-address'
        ? { problems: { email: 'email-change.same-address' as const } }
        : tooManyLetters(ctx, outcome);
    await renderEmailChange(ctx, { ...failed, entered: { email: address.email } });
  };
}

/** GET /account/email/code: for the session and browser that asked. */
export function showEmailChangeCode(platform: Platform): Handler {
  return async (ctx) => {
    const found = await waitingChange(ctx, platform);
    if (found) await renderCode(ctx, platform, found);
    else seeOther(ctx, PAGE);
  };
}

/** POST /account/email/code: the code from the letter switches the address. */
export function submitEmailChangeCode(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, z.object({ code: verificationCodeField }));
    const found = await waitingChange(ctx, platform);
    if (!found) return seeOther(ctx, PAGE);
    if (!form.ok) return renderCode(ctx, platform, found, form);
    const session = await sessionOf(platform, ctx);
    const confirmation = { ...found, session, code: form.value.code };
    const outcome = await confirmEmailChange(platform, accountActor(ctx, session.accountId), confirmation);
    if (outcome.ok) return seeOther(ctx, '/account/profile?email=changed');
    if (outcome.reason === 'session-over') return seeOther(ctx, PAGE);
    const failed: FormProblems =
      outcome.reason === 'address-taken'
        ? { problems: { form: 'email-change.taken' } }
        : mailCodeProblem(outcome);
    await renderCode(ctx, platform, found, failed);
  };
}

/** POST /account/email/codes: another letter; the older code stops working. */
export function sendAnotherEmailChangeCode(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const found = await waitingChange(ctx, platform);
    if (!found) return seeOther(ctx, PAGE);
    const { accountId } = found.change;
    const again = { change: found.change, browser: ensureBrowser(ctx, platform) };
    const outcome = await resendChangeCode(platform, accountActor(ctx, accountId), again);
    if (!outcome.ok) return renderCode(ctx, platform, found, tooManyLetters(ctx, outcome));
    seeOther(ctx, `${CODE}?letter=sent`);
  };
}

async function waitingChange(ctx: Context, platform: Platform): Promise<WaitingChange | undefined> {
  const session = await sessionOf(platform, ctx);
  return findWaitingChange(platform, { session, browser: readBrowser(ctx, platform.config) });
}

async function renderEmailChange(ctx: Context, failed?: FormProblems): Promise<void> {
  const { problems, entered, status = 422 } = failed ?? {};
  const options = { status: problems ? status : 200 };
  await renderAccountPage(ctx, 'accounts/area/email-change', { problems, entered }, options);
}

async function renderCode(
  ctx: Context,
  { mail }: Platform,
  { change }: WaitingChange,
  failed?: FormProblems,
): Promise<void> {
  const { problems, status = 422 } = failed ?? {};
  const sentAgain = ctx.query.letter === 'sent';
  const data = { email: change.newEmail, sentAgain, mailbox: mail.kind === 'mailbox', problems };
  await renderAccountPage(ctx, 'accounts/area/email-change-code', data, { status: problems ? status : 200 });
}
