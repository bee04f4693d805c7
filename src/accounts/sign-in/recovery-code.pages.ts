import { z } from 'zod';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { renderPage } from '../../platform/web/render.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { accountActor } from '../actor.ts';
import { FEW_RECOVERY_CODES } from '../credentials/recovery-codes.ts';
import { recoveryCodeField } from '../form-fields.ts';
import { type FormProblems, stepPage, tooManyTries } from '../form-problems.ts';
import { completionOf, destinationOf, enter } from './arrival.ts';
import { carryTicket } from './carried-ticket.ts';
import { signInUnderWay } from './require-session.ts';
import { proveSecondFactor } from './second-factor.ts';

/** GET /sign-in/recovery-code */
export const showRecoveryCode: Handler = (ctx) => renderRecoveryCode(ctx);

const RecoveryCode = z.object({ code: recoveryCodeField });

/** POST /sign-in/recovery-code: signs in once for each code, and says how many are left. */
export function submitRecoveryCode(platform: Platform): Handler {
  return async (ctx) => {
    const { half } = signInUnderWay(ctx);
    const form = await readForm(ctx, RecoveryCode);
    if (!form.ok) return renderRecoveryCode(ctx, form);
    const outcome = await proveSecondFactor(platform, accountActor(ctx, half.accountId), {
      ...(await completionOf(ctx, platform, half)),
      code: form.value.code,
      factor: 'recovery-code',
    });
    if (outcome.ok) {
      enter(ctx, platform, outcome);
      return renderUsed(ctx, outcome.recoveryCodesLeft ?? 0);
    }
    if (outcome.reason === 'session-over') return seeOther(ctx, carryTicket(ctx, '/sign-in'));
    if (outcome.reason === 'too-many-tries') return renderRecoveryCode(ctx, tooManyTries(ctx, outcome));
    renderRecoveryCode(ctx, { problems: { code: SENTENCES[outcome.reason] } });
  };
}

const SENTENCES = {
  'wrong-code': 'recovery-codes.wrong-code',
  'used-code': 'recovery-codes.used-code',
} as const;

function renderRecoveryCode(ctx: Context, failed?: FormProblems): void {
  const { email } = signInUnderWay(ctx).standing.account;
  renderPage(ctx, 'accounts/sign-in/recovery-code', ...stepPage(ctx, { email }, failed));
}

function renderUsed(ctx: Context, left: number): void {
  const data = { left, few: left <= FEW_RECOVERY_CODES, next: destinationOf(ctx) };
  renderPage(ctx, 'accounts/sign-in/recovery-code-used', ...stepPage(ctx, data));
}
