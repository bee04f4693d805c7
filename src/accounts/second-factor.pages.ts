import { z } from 'zod';
import type { Platform } from '../platform/platform.ts';
import type { Context, Handler } from '../platform/web/context.ts';
import { readForm } from '../platform/web/forms.ts';
import { renderPage } from '../platform/web/render.ts';
import { seeOther } from '../platform/web/see-other.ts';
import { accountActor } from './actor.ts';
import { arrive, completionOf } from './arrival.ts';
import { carryTicket } from './carried-ticket.ts';
import { oneTimeCodeField } from './form-fields.ts';
import { type FormProblems, stepPage, tooManyTries } from './form-problems.ts';
import { signInUnderWay } from './require-session.ts';
import { proveSecondFactor } from './second-factor.ts';

/** GET /sign-in/second-factor */
export const showSecondFactor: Handler = (ctx) => renderSecondFactor(ctx);

const SecondFactor = z.object({ code: oneTimeCodeField });

/** POST /sign-in/second-factor: the code of the authenticator app, then on to where the ticket says. */
export function submitSecondFactor(platform: Platform): Handler {
  return async (ctx) => {
    const { half } = signInUnderWay(ctx);
    const form = await readForm(ctx, SecondFactor);
    if (!form.ok) return renderSecondFactor(ctx, form);
    const outcome = await proveSecondFactor(platform, accountActor(ctx, half.accountId), {
      ...(await completionOf(ctx, platform, half)),
      code: form.value.code,
    });
    if (outcome.ok) return arrive(ctx, platform, outcome);
    if (outcome.reason === 'session-over') return seeOther(ctx, carryTicket(ctx, '/sign-in'));
    if (outcome.reason === 'too-many-tries') return renderSecondFactor(ctx, tooManyTries(ctx, outcome));
    renderSecondFactor(ctx, { problems: { code: SENTENCES[outcome.reason] } });
  };
}

const SENTENCES = {
  'wrong-code': 'second-factor.wrong-code',
  'used-code': 'second-factor.used-code',
} as const;

function renderSecondFactor(ctx: Context, failed?: FormProblems): void {
  const { email } = signInUnderWay(ctx).standing.account;
  renderPage(ctx, 'accounts/second-factor', ...stepPage(ctx, { email }, failed));
}
