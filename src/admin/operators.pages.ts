import { z } from 'zod';
import { Refusal } from '../platform/errors.ts';
import type { Platform } from '../platform/platform.ts';
import type { Context, Handler } from '../platform/web/context.ts';
import { type Problems, readForm } from '../platform/web/forms.ts';
import { seeOther } from '../platform/web/see-other.ts';
import { problemOf, renderConsolePage } from './console-page.ts';
import {
  addOperator,
  changeOperatorRole,
  type ListedOperator,
  listOperators,
  removeOperator,
} from './operators.ts';
import { peopleNamed } from './people.ts';
import { operatorActor, operatorOf } from './require-operator.ts';
import { OPERATOR_ROLES } from './roles.ts';

/** GET /admin/operators */
export function showOperators(platform: Platform): Handler {
  return async (ctx) => {
    const operators = await listOperators(platform);
    const said = ['added', 'removed'].find((what) => ctx.query[what] !== undefined);
    renderConsolePage(ctx, 'admin/operators', { operators, own: operatorOf(ctx).accountId, said });
  };
}

/** GET /admin/operators/new */
export const showNewOperator: Handler = (ctx) => {
  renderConsolePage(ctx, 'admin/operators-new', { roles: OPERATOR_ROLES });
};

const NewOperator = z.object({
  email: z.string().trim().min(1, 'admin.enter-address').max(320),
  role: z.enum(OPERATOR_ROLES, 'admin.choose-role'),
});

/** POST /admin/operators/new */
export function submitNewOperator(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, NewOperator);
    if (form.ok) {
      const added = await addOperator(platform, operatorActor(ctx), form.value);
      if (added.ok) return seeOther(ctx, '/admin/operators?added');
      const problems = problemOf(added, { account: 'email', operator: 'email', role: 'role' });
      return renderNew(ctx, { problems, entered: form.value });
    }
    renderNew(ctx, form);
  };
}

/** GET /admin/operators/:operator */
export function showOperator(platform: Platform): Handler {
  return async (ctx) => renderOperator(ctx, platform, await operatorAt(ctx, platform));
}

const RoleForm = z.object({ role: z.enum(OPERATOR_ROLES, 'admin.choose-role') });

/** POST /admin/operators/:operator: another role. */
export function submitRole(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, RoleForm);
    const operator = await operatorAt(ctx, platform);
    if (!form.ok) return renderOperator(ctx, platform, operator, form.problems);
    const wish = { accountId: operator.accountId, role: form.value.role };
    const changed = await changeOperatorRole(platform, operatorActor(ctx), wish);
    if (changed.ok) return seeOther(ctx, `/admin/operators/${operator.accountId}?changed`);
    const fields = { 'last-administrator': 'role', 'own-role': 'role' } as const;
    await renderOperator(ctx, platform, operator, problemOf(changed, fields));
  };
}

/** GET /admin/operators/:operator/removal */
export function showRemoval(platform: Platform): Handler {
  return async (ctx) => renderRemoval(ctx, await operatorAt(ctx, platform));
}

const Removal = z.object({ sure: z.literal('yes', 'admin.tick-to-remove') });

/** POST /admin/operators/:operator/removal */
export function submitRemoval(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Removal);
    const operator = await operatorAt(ctx, platform);
    if (!form.ok) return renderRemoval(ctx, operator, form.problems);
    const removed = await removeOperator(platform, operatorActor(ctx), operator);
    if (!removed.ok) return renderRemoval(ctx, operator, problemOf(removed));
    // Whoever removed themselves has no console any more.
    const own = operator.accountId === operatorOf(ctx).accountId;
    seeOther(ctx, own ? '/account' : '/admin/operators?removed');
  };
}

async function operatorAt(ctx: Context, platform: Platform): Promise<ListedOperator> {
  const found = (await listOperators(platform)).find(({ accountId }) => accountId === ctx.params.operator);
  if (!found) throw new Refusal('not-found', 'errors.nothing-here');
  return found;
}

function renderNew(ctx: Context, { problems, entered }: { problems: Problems; entered: object }): void {
  const data = { roles: OPERATOR_ROLES, problems, entered };
  renderConsolePage(ctx, 'admin/operators-new', data, { status: 422 });
}

async function renderOperator(
  ctx: Context,
  platform: Platform,
  shown: ListedOperator,
  problems?: Problems,
): Promise<void> {
  const own = shown.accountId === operatorOf(ctx).accountId;
  const who = await peopleNamed(platform, [shown.addedBy]);
  const changed = ctx.query.changed !== undefined;
  const data = { shown, own, addedBy: who(shown.addedBy), roles: OPERATOR_ROLES, changed, problems };
  renderConsolePage(ctx, 'admin/operators-one', data, { status: problems ? 422 : 200 });
}

function renderRemoval(ctx: Context, shown: ListedOperator, problems?: Problems): void {
  const own = shown.accountId === operatorOf(ctx).accountId;
  renderConsolePage(
    ctx,
    'admin/operators-removal',
    { shown, own, problems },
    { status: problems ? 422 : 200 },
  );
}
