import { z } from 'zod';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { renderPage } from '../../platform/web/render.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { accountActor } from '../actor.ts';
import { beginRegistration } from '../credentials/passkey-registration.ts';
import type { IssuedRecoveryCodes } from '../credentials/recovery-codes.ts';
import { oneTimeCodeField } from '../form-fields.ts';
import { type FormProblems, stepPage } from '../form-problems.ts';
import { ensureBrowser } from '../sessions/session-cookie.ts';
import { completionOf, destinationOf, enter } from './arrival.ts';
import { carryTicket } from './carried-ticket.ts';
import { confirmEnrolment, offerSeed } from './enrolment.ts';
import { enrolPasskey } from './passkey-enrolment.ts';
import { REFUSED_REGISTRATION } from './passkey-words.ts';
import { signInUnderWay } from './require-session.ts';
import { seedToShow } from './seed-to-show.ts';
import type { SignedIn } from './sign-in.ts';

/** GET /sign-in/authenticator: the seed as QR code, link and key. */
export function showEnrolment(platform: Platform): Handler {
  return (ctx) => renderEnrolment(ctx, platform);
}

const Enrolment = z.object({ code: oneTimeCodeField });

/**
 * POST /sign-in/authenticator: the first code makes the authenticator active and completes the session. The answer
 * shows the recovery codes, once, and leads on to where the ticket says.
 */
export function submitEnrolment(platform: Platform): Handler {
  return async (ctx) => {
    const { half } = signInUnderWay(ctx);
    const form = await readForm(ctx, Enrolment);
    if (!form.ok) return renderEnrolment(ctx, platform, form);
    const outcome = await confirmEnrolment(platform, accountActor(ctx, half.accountId), {
      ...(await completionOf(ctx, platform, half)),
      code: form.value.code,
      name: ctx.state.language.t('totp.unnamed'),
    });
    if (outcome.ok) return showCodes(ctx, platform, outcome);
    if (outcome.reason !== 'wrong-code') return seeOther(ctx, carryTicket(ctx, '/sign-in'));
    return renderEnrolment(ctx, platform, { problems: { code: 'enrolment.wrong-code' } });
  };
}

/** The forms that make a passkey instead bind their token to this path. */
const PASSKEY = '/sign-in/authenticator/passkey';
const Nothing = z.object({});
const Answer = z.object({ credential: z.string().catch('') });

/** POST /sign-in/authenticator/passkey/challenges: what the script hands to the browser. */
export function challengeEnrolmentPasskey(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, Nothing, { formPurpose: PASSKEY });
    const { half, standing } = signInUnderWay(ctx);
    const registrant = {
      account: standing.account,
      sessionId: half.id,
      browser: ensureBrowser(ctx, platform),
    };
    ctx.set('Cache-Control', 'no-store');
    ctx.body = await beginRegistration(platform, registrant);
  };
}

/** POST /sign-in/authenticator/passkey: the passkey becomes the second factor and completes the session. */
export function submitEnrolmentPasskey(platform: Platform): Handler {
  return async (ctx) => {
    const { half } = signInUnderWay(ctx);
    const form = await readForm(ctx, Answer, { formPurpose: PASSKEY });
    const completion = await completionOf(ctx, platform, half);
    const outcome = await enrolPasskey(platform, accountActor(ctx, half.accountId), {
      ...completion,
      browser: completion.browser ?? '',
      answer: form.ok ? form.value.credential : '',
      unnamed: ctx.state.language.t('passkeys.unnamed'),
    });
    if (outcome.ok) return showCodes(ctx, platform, outcome);
    if (outcome.reason === 'not-due' || outcome.reason === 'session-over')
      return seeOther(ctx, carryTicket(ctx, '/sign-in'));
    return renderEnrolment(ctx, platform, { problems: { form: REFUSED_REGISTRATION[outcome.reason] } });
  };
}

function showCodes(ctx: Context, platform: Platform, outcome: SignedIn & IssuedRecoveryCodes): void {
  enter(ctx, platform, outcome);
  const { recoveryCodes } = outcome;
  renderPage(ctx, 'accounts/sign-in/enrolment-codes', { recoveryCodes, next: destinationOf(ctx) });
}

async function renderEnrolment(ctx: Context, platform: Platform, failed?: FormProblems): Promise<void> {
  const { half, standing } = signInUnderWay(ctx);
  const offered = await offerSeed(platform, accountActor(ctx, half.accountId), half);
  if (!offered.ok) return seeOther(ctx, carryTicket(ctx, '/sign-in'));
  const data = { email: standing.account.email, ...seedToShow(offered) };
  renderPage(ctx, 'accounts/sign-in/enrolment', ...stepPage(ctx, data, failed));
}
