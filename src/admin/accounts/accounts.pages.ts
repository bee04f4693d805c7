import { z } from 'zod';
import { type FencedAccount, findAccount } from '../../accounts/account.ts';
import { Refusal } from '../../platform/errors.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { renderConsolePage } from '../console-page.ts';
import { operatorOf } from '../require-operator.ts';
import { mayOperate } from '../roles.ts';
import { accountOverview, findByExactName } from './account-overview.ts';

/** GET /admin/accounts */
export const showSearch: Handler = (ctx) => {
  renderConsolePage(ctx, 'admin/accounts/accounts');
};

const Search = z.object({ name: z.string().trim().min(1, 'admin-accounts.enter-name').max(320) });

/** POST /admin/accounts/search: an address has no place in an address bar, so it is sent, and answered by its id. */
export function submitSearch(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Search);
    if (!form.ok) return renderConsolePage(ctx, 'admin/accounts/accounts', form, { status: 422 });
    const found = await findByExactName(platform, form.value.name);
    if (found) return seeOther(ctx, `/admin/accounts/${found}`);
    const data = { problems: { name: 'admin-accounts.nobody' }, entered: form.value };
    renderConsolePage(ctx, 'admin/accounts/accounts', data, { status: 422 });
  };
}

/** GET /admin/accounts/:account */
export function showAccount(platform: Platform): Handler {
  return async (ctx) => {
    const account = await accountAt(ctx, platform);
    const overview = await accountOverview(platform, account);
    const { accountId, role } = operatorOf(ctx);
    const touchable =
      accountId !== account.id && (!isTheirs(account, overview.role) || mayOperate(role, 'operators.change'));
    const done = ['suspended', 'resumed', 'ended', 'reset', 'forgiven'].find(
      (what) => ctx.query[what] !== undefined,
    );
    renderConsolePage(ctx, 'admin/accounts/accounts-one', { account, ...overview, touchable, done });
  };
}

function isTheirs(account: FencedAccount, role: string | undefined): boolean {
  return account.operator || role !== undefined;
}

async function accountAt(ctx: Context, platform: Platform): Promise<FencedAccount> {
  const id = String(ctx.params.account);
  const account = UUID.test(id) ? await findAccount(platform, id) : undefined;
  if (!account) throw new Refusal('not-found', 'errors.nothing-here');
  return account;
}
