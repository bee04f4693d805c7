import type { Platform } from '../../platform/platform.ts';
import type { Context } from '../../platform/web/context.ts';
import { type PageOptions, renderPage } from '../../platform/web/render.ts';
import { personalTokensAllowed } from '../../tokens/personal-tokens.ts';
import { sessionOf } from '../sign-in/require-session.ts';

/** What every page of the account area says about the account, whatever the page is about. */
export interface AccountFrame {
  readonly name: string;
  readonly email: string;
  /** The account is erased then, unless its owner keeps it. */
  readonly closesAt: Date | null;
  /** Until then nothing that apps depend on may change; null when that time is over. */
  readonly frozenUntil: Date | null;
  /** Somebody who says they lost their second factor waits until then. */
  readonly resetDueAt: Date | null;
  /** Whether they run this installation, and find its console. */
  readonly operator: boolean;
  /** Whether there is a page for them at present. */
  readonly personalTokens: boolean;
}

/**
 * Answers with a page of the account area: the view `views/<view>.eta`, which begins with
 * `layout('/account-layout', { title, current })`. Behind requireSession.
 */
export async function renderAccountPage(
  ctx: Context,
  view: string,
  data: object = {},
  options: PageOptions = {},
): Promise<void> {
  const { platform } = ctx.state;
  const { accountId } = await sessionOf(platform, ctx);
  renderPage(ctx, view, { frame: await accountFrame(platform, accountId), ...data }, options);
}

/** One statement: it runs for every page. */
async function accountFrame(platform: Platform, accountId: string): Promise<AccountFrame | undefined> {
  const now = platform.clock.now();
  const [frame] = await platform.db.$queryRaw<Omit<AccountFrame, 'personalTokens'>[]>`
    SELECT name, email, operator, closes_at AS "closesAt",
      CASE WHEN frozen_until > ${now} THEN frozen_until END AS "frozenUntil",
      (SELECT max(due_at) FROM factor_resets WHERE account_id = accounts.id
        AND cancelled_at IS NULL AND completed_at IS NULL AND expires_at > ${now}) AS "resetDueAt"
    FROM accounts WHERE id = ${accountId}::uuid`;
  return frame && { ...frame, personalTokens: personalTokensAllowed(platform) };
}
