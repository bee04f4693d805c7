import { z } from 'zod';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { type Account, findAccount } from '../account.ts';
import { accountActor } from '../actor.ts';
import { judgeNewPassword } from '../credentials/new-password.ts';
import { adviseOn } from '../credentials/password-advice.ts';
import { currentPasswordField, newPasswordField } from '../form-fields.ts';
import { type FormProblems, tooManyTries } from '../form-problems.ts';
import { shortestPassword } from '../policy.ts';
import { readBrowser } from '../sessions/session-cookie.ts';
import { sessionOf } from '../sign-in/require-session.ts';
import { renderAccountPage } from './account-page.ts';
import { changePassword } from './password-change.ts';

const PAGE = '/account/sign-in-methods/password';

/** GET /account/sign-in-methods/password; password managers come here by /.well-known/change-password. */
export function showPasswordChange(platform: Platform): Handler {
  return async (ctx) => renderPasswordChange(ctx, await ownerOf(ctx, platform));
}

const passwordChangeForm = (platform: Platform) =>
  z.object({
    current_password: currentPasswordField,
    password: newPasswordField(platform),
    end_others: z.literal('yes').optional(),
  });

/** POST /account/sign-in-methods/password: the present password, then the new one. */
export function submitPasswordChange(platform: Platform): Handler {
  const schema = passwordChangeForm(platform);
  return async (ctx) => {
    const form = await readForm(ctx, schema);
    const owner = await ownerOf(ctx, platform);
    if (!form.ok) return renderPasswordChange(ctx, owner, form);
    const { current_password: currentPassword, password: newPassword, end_others } = form.value;
    const judgement = await judgeNewPassword(platform, newPassword, owner);
    if (!judgement.ok) return renderPasswordChange(ctx, owner, { problems: { password: judgement.words } });
    const outcome = await changePassword(platform, accountActor(ctx, owner.id), {
      session: await sessionOf(platform, ctx),
      currentPassword,
      newPassword,
      browser: readBrowser(ctx, platform.config),
      endOthers: end_others === 'yes',
    });
    if (outcome.ok) {
      const advice = await adviseOn(newPassword, [owner.email, owner.name]);
      return seeOther(ctx, `${PAGE}?password=${advice ? 'changed-advice' : 'changed'}`);
    }
    if (outcome.reason === 'session-over') return seeOther(ctx, PAGE);
    if (outcome.reason === 'too-many-tries')
      return renderPasswordChange(ctx, owner, tooManyTries(ctx, outcome));
    await renderPasswordChange(ctx, owner, { problems: { current_password: 'password-change.wrong' } });
  };
}

async function ownerOf(ctx: Context, platform: Platform): Promise<Account> {
  const { accountId } = await sessionOf(platform, ctx);
  const account = await findAccount(platform, accountId);
  if (!account) throw new Error('a session outlived its account');
  return account;
}

async function renderPasswordChange(ctx: Context, { email }: Account, failed?: FormProblems): Promise<void> {
  const { problems, status = 422 } = failed ?? {};
  const advice = ctx.query.password === 'changed-advice';
  const changed = advice || ctx.query.password === 'changed';
  const data = { email, changed, advice, problems, shortest: shortestPassword(ctx.state.platform) };
  await renderAccountPage(ctx, 'accounts/area/password-change', data, { status: problems ? status : 200 });
}
