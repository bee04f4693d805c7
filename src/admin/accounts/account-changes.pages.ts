import { z } from 'zod';
import { type FencedAccount, findAccount } from '../../accounts/account.ts';
import type { Actor } from '../../audit/actor.ts';
import { Refusal } from '../../platform/errors.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Refused } from '../../platform/refused.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { type FormResult, readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { problemOf, renderConsolePage } from '../console-page.ts';
import { operatorActor } from '../require-operator.ts';
import {
  endAllSessions,
  forgiveAccount,
  resumeAccount,
  suspendAccount,
  SUSPENSION_HOURS,
  takeFactors,
} from './account-acts.ts';

const reason = z.string().trim().min(10, 'admin-accounts.say-why').max(500, 'admin-accounts.say-why');
const Suspension = z.object({
  reason,
  hours: z
    .enum(['', ...SUSPENSION_HOURS.map(String)])
    .transform((written) => (written === '' ? undefined : Number(written))),
});
const WithReason = z.object({ reason });
const Nothing = z.object({});

/** What can be done to an account, each on a page of its own that says what follows. */
const CHANGES = {
  suspension: change('suspended', Suspension, suspendAccount),
  resumption: change('resumed', Nothing, resumeAccount),
  'session-endings': change('ended', Nothing, endAllSessions),
  'factor-reset': change('reset', WithReason, takeFactors),
  forgiveness: change('forgiven', Nothing, forgiveAccount),
} as const;

export type AccountChange = keyof typeof CHANGES;

/** GET /admin/accounts/:account/<change> */
export function showChange(platform: Platform, name: AccountChange): Handler {
  return async (ctx) => renderChange(ctx, name, await accountAt(ctx, platform));
}

/** POST /admin/accounts/:account/<change> */
export function submitChange(platform: Platform, name: AccountChange): Handler {
  const { schema, rule, said } = CHANGES[name];
  return async (ctx) => {
    const form: FormResult<object> = await readForm(ctx, schema);
    const account = await accountAt(ctx, platform);
    if (!form.ok) return renderChange(ctx, name, account, form);
    const done = await rule(platform, operatorActor(ctx), { ...form.value, accountId: account.id });
    if (done.ok) return seeOther(ctx, `/admin/accounts/${account.id}?${said}`);
    const problems = problemOf(done, { reason: 'reason' });
    renderChange(ctx, name, account, { ok: false, problems, entered: form.value as Record<string, string> });
  };
}

interface Change {
  readonly said: string;
  readonly schema: z.ZodType<object>;
  rule(
    platform: Platform,
    actor: Actor,
    input: object & { readonly accountId: string },
  ): Promise<{ readonly ok: true } | Refused<string>>;
}

function change<Input extends object>(
  said: string,
  schema: z.ZodType<Input>,
  rule: (
    platform: Platform,
    actor: Actor,
    input: Input & { readonly accountId: string },
  ) => Promise<{ readonly ok: true } | Refused<string>>,
): Change {
  return { said, schema, rule: rule as Change['rule'] };
}

async function accountAt(ctx: Context, platform: Platform): Promise<FencedAccount> {
  const id = String(ctx.params.account);
  const account = UUID.test(id) ? await findAccount(platform, id) : undefined;
  if (!account) throw new Refusal('not-found', 'errors.nothing-here');
  return account;
}

function renderChange(
  ctx: Context,
  name: AccountChange,
  account: FencedAccount,
  form?: Extract<FormResult<unknown>, { ok: false }>,
): void {
  const path = `/admin/accounts/${account.id}`;
  const asks = name === 'suspension' || name === 'factor-reset';
  const data = { account, name, path, asks, hours: name === 'suspension' ? SUSPENSION_HOURS : [], ...form };
  renderConsolePage(ctx, 'admin/accounts/account-changes', data, { status: form ? 422 : 200 });
}
