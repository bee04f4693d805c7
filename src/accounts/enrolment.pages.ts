import { z } from 'zod';
import type { Platform } from '../platform/platform.ts';
import type { Context, Handler } from '../platform/web/context.ts';
import { readForm } from '../platform/web/forms.ts';
import { renderPage } from '../platform/web/render.ts';
import { seeOther } from '../platform/web/see-other.ts';
import { accountActor } from './actor.ts';
import { completionOf, destinationOf, enter } from './arrival.ts';
import { carryTicket } from './carried-ticket.ts';
import { confirmEnrolment, offerSeed } from './enrolment.ts';
import { oneTimeCodeField } from './form-fields.ts';
import { type FormProblems, stepPage } from './form-problems.ts';
import { signInUnderWay } from './require-session.ts';
import { seedToShow } from './seed-to-show.ts';

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
    });
    if (outcome.ok) {
      enter(ctx, platform, outcome);
      const { recoveryCodes } = outcome;
      return renderPage(ctx, 'accounts/enrolment-codes', { recoveryCodes, next: destinationOf(ctx) });
    }
    if (outcome.reason !== 'wrong-code') return seeOther(ctx, carryTicket(ctx, '/sign-in'));
    return renderEnrolment(ctx, platform, { problems: { code: 'enrolment.wrong-code' } });
  };
}

async function renderEnrolment(ctx: Context, platform: Platform, failed?: FormProblems): Promise<void> {
  const { half, standing } = signInUnderWay(ctx);
  const offered = await offerSeed(platform, accountActor(ctx, half.accountId), half);
  if (!offered.ok) return seeOther(ctx, carryTicket(ctx, '/sign-in'));
  const data = { email: standing.account.email, ...seedToShow(offered) };
  renderPage(ctx, 'accounts/enrolment', ...stepPage(ctx, data, failed));
}
