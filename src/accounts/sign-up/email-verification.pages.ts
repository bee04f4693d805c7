import { z } from 'zod';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { renderPage } from '../../platform/web/render.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { accountActor } from '../actor.ts';
import { verificationCodeField } from '../form-fields.ts';
import { type FormProblems, mailCodeProblem, stepPage, tooManyLetters } from '../form-problems.ts';
import { ensureBrowser, readBrowser } from '../sessions/session-cookie.ts';
import { goOn } from '../sign-in/arrival.ts';
import { carryTicket } from '../sign-in/carried-ticket.ts';
import { signInUnderWay } from '../sign-in/require-session.ts';
import { sendVerificationCode, verifyAddress } from './email-verification.ts';

/** GET /sign-in/verification: for an account whose address nobody has proven yet. */
export function showEmailVerification(platform: Platform): Handler {
  return (ctx) => renderEmailVerification(ctx, platform);
}

const Verification = z.object({ code: verificationCodeField });

/** POST /sign-in/verification: the code from the letter, then the next step of the sign-in. */
export function submitEmailVerification(platform: Platform): Handler {
  return async (ctx) => {
    const { half, standing } = signInUnderWay(ctx);
    const { account } = standing;
    const form = await readForm(ctx, Verification);
    if (!form.ok) return renderEmailVerification(ctx, platform, form);
    const browser = readBrowser(ctx, platform.config);
    const { code } = form.value;
    const outcome = await verifyAddress(platform, accountActor(ctx, account.id), { account, browser, code });
    if (!outcome.ok) return renderEmailVerification(ctx, platform, mailCodeProblem(outcome));
    await goOn(ctx, platform, {
      half,
      standing: { ...standing, account: { ...account, emailVerified: true } },
    });
  };
}

/** POST /sign-in/verification/codes: another letter; the older code stops working. */
export function sendAnotherVerificationCode(platform: Platform): Handler {
  return async (ctx) => {
    const { account } = signInUnderWay(ctx).standing;
    await readForm(ctx, z.object({}));
    const browser = ensureBrowser(ctx, platform);
    const outcome = await sendVerificationCode(platform, accountActor(ctx, account.id), { account, browser });
    if (!outcome.ok) return renderEmailVerification(ctx, platform, tooManyLetters(ctx, outcome));
    seeOther(ctx, carryTicket(ctx, '/sign-in/verification', { letter: 'sent' }));
  };
}

function renderEmailVerification(ctx: Context, { mail }: Platform, failed?: FormProblems): void {
  const { email } = signInUnderWay(ctx).standing.account;
  const sentAgain = ctx.query.letter === 'sent';
  renderPage(
    ctx,
    'accounts/sign-up/email-verification',
    ...stepPage(ctx, { email, sentAgain, mailbox: mail.kind === 'mailbox' }, failed),
  );
}
