import { z } from 'zod';
import { triesBeforePause } from '../../defense/lockouts.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { renderPage } from '../../platform/web/render.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { accountActor } from '../actor.ts';
import { secondFactorsOf } from '../credentials/second-factors.ts';
import { oneTimeCodeField } from '../form-fields.ts';
import { type FormProblems, stepPage, tooManyTries } from '../form-problems.ts';
import { waitingFactorReset } from '../recovery/factor-reset.ts';
import { isResetDue } from '../recovery/factor-reset-completion.ts';
import { originOf, readBrowser } from '../sessions/session-cookie.ts';
import { admitsTrust } from '../sessions/trusted-browsers.ts';
import { arrive, completionOf } from './arrival.ts';
import { carryTicket } from './carried-ticket.ts';
import { signInUnderWay } from './require-session.ts';
import { proveSecondFactor } from './second-factor.ts';

/** GET /sign-in/second-factor: what the account used last comes first. */
export function showSecondFactor(platform: Platform): Handler {
  return (ctx) => renderSecondFactor(ctx, platform);
}

const SecondFactor = z.object({ code: oneTimeCodeField, trust: z.literal('yes').optional() });

/** POST /sign-in/second-factor: the code of the authenticator app, then on to where the ticket says. */
export function submitSecondFactor(platform: Platform): Handler {
  return async (ctx) => {
    const { half } = signInUnderWay(ctx);
    const form = await readForm(ctx, SecondFactor);
    if (!form.ok) return renderSecondFactor(ctx, platform, form);
    const outcome = await proveSecondFactor(platform, accountActor(ctx, half.accountId), {
      ...(await completionOf(ctx, platform, half)),
      code: form.value.code,
      trust: form.value.trust && { userAgent: originOf(ctx).userAgent },
    });
    if (outcome.ok) return arrive(ctx, platform, outcome);
    if (outcome.reason === 'session-over') return seeOther(ctx, carryTicket(ctx, '/sign-in'));
    if (outcome.reason === 'too-many-tries')
      return renderSecondFactor(ctx, platform, tooManyTries(ctx, outcome));
    return renderSecondFactor(ctx, platform, { problems: { code: SENTENCES[outcome.reason] } });
  };
}

const SENTENCES = {
  'wrong-code': 'second-factor.wrong-code',
  'used-code': 'second-factor.used-code',
} as const;

/** So many tries are left that nobody needs to be told. */
const PLENTY = 3;

async function renderSecondFactor(ctx: Context, platform: Platform, failed?: FormProblems): Promise<void> {
  const { account } = signInUnderWay(ctx).standing;
  const reset = await waitingFactorReset(platform, account.id);
  const data = {
    email: account.email,
    factors: await secondFactorsOf(platform, account.id),
    triesLeft: failed && (await fewTriesLeft(ctx, platform)),
    mayTrust: admitsTrust(platform, account),
    reset,
    resetDue: reset !== undefined && (await isResetDue(platform, account)),
  };
  renderPage(ctx, 'accounts/sign-in/second-factor', ...stepPage(ctx, data, failed));
}

async function fewTriesLeft(ctx: Context, platform: Platform): Promise<number | undefined> {
  const { id: accountId } = signInUnderWay(ctx).standing.account;
  const browser = readBrowser(ctx, platform.config);
  const attempt = { factor: 'second-factor', subject: accountId, accountId, browser } as const;
  const tries = await triesBeforePause(platform, attempt);
  return tries > 0 && tries <= PLENTY ? tries : undefined;
}
