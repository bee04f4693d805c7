import { z } from 'zod';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { findAccount } from '../account.ts';
import { accountActor } from '../actor.ts';
import { normalizeAddress } from '../addresses.ts';
import type { FormProblems } from '../form-problems.ts';
import { sessionOf } from '../sign-in/require-session.ts';
import { renderAccountPage } from './account-page.ts';
import { CLOSING_SECONDS, cancelClosing, findClosing, requestClosing } from './closing.ts';

const PAGE = '/account/closing';

/** GET /account/closing */
export function showClosing(platform: Platform): Handler {
  return (ctx) => renderClosing(ctx, platform);
}

const Closing = z.object({ email: z.string().max(1024) });

/** POST /account/closing: whoever types their own address means it. */
export function submitClosing(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Closing);
    const session = await sessionOf(platform, ctx);
    const account = await findAccount(platform, session.accountId);
    const typed = form.ok ? normalizeAddress(form.value.email)?.emailKey : undefined;
    if (!account || typed !== normalizeAddress(account.email)?.emailKey)
      return renderClosing(ctx, platform, {
        problems: { email: 'closing.type-your-address' },
        entered: form.ok ? form.value : form.entered,
      });
    const outcome = await requestClosing(platform, accountActor(ctx, account.id), session);
    // The page says what came of it: the day, or why it cannot be.
    seeOther(ctx, outcome.ok || outcome.reason === 'held' ? PAGE : '/account');
  };
}

/** POST /account/closing/cancellation: any signed-in session keeps the account. */
export function submitClosingCancellation(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const { accountId } = await sessionOf(platform, ctx);
    await cancelClosing(platform, accountActor(ctx, accountId), accountId);
    seeOther(ctx, '/account?kept');
  };
}

async function renderClosing(ctx: Context, platform: Platform, failed?: FormProblems): Promise<void> {
  const { accountId } = await sessionOf(platform, ctx);
  const account = await findAccount(platform, accountId);
  const { closesAt, held } = await findClosing(platform, accountId);
  const { problems, entered, status = 422 } = failed ?? {};
  const days = CLOSING_SECONDS / 86_400;
  const data = { email: account?.email, closesAt, held, days, problems, entered };
  await renderAccountPage(ctx, 'accounts/area/closing', data, { status: problems ? status : 200 });
}
