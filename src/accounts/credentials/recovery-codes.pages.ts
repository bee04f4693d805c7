import { z } from 'zod';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { findStanding } from '../account.ts';
import { accountActor } from '../actor.ts';
import { renderAccountPage } from '../area/account-page.ts';
import { sessionOf } from '../sign-in/require-session.ts';
import { countRecoveryCodes, FEW_RECOVERY_CODES } from './recovery-codes.ts';
import { renewRecoveryCodes } from './renew-recovery-codes.ts';

const METHODS = '/account/sign-in-methods';

/** GET /account/sign-in-methods/recovery-codes: how many are left. They are never shown again. */
export function showRecoveryCodes(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId } = await sessionOf(platform, ctx);
    const left = await countRecoveryCodes(platform, accountId);
    const standing = await findStanding(platform, accountId);
    const data = { left, few: left <= FEW_RECOVERY_CODES, hasSecondFactor: standing?.hasSecondFactor };
    await renderAccountPage(ctx, 'accounts/credentials/recovery-codes', data);
  };
}

/** POST: ten new ones, shown in this answer alone; those from before work no longer. */
export function submitRecoveryCodes(platform: Platform): Handler {
  return async (ctx: Context) => {
    const { accountId, id: sessionId } = await sessionOf(platform, ctx);
    await readForm(ctx, z.object({}));
    const whose = { accountId, sessionId };
    const issued = await renewRecoveryCodes(platform, accountActor(ctx, accountId), whose);
    if (!issued) return seeOther(ctx, METHODS);
    await renderAccountPage(ctx, 'accounts/credentials/recovery-codes-made', { ...issued, next: METHODS });
  };
}
