import type { Context } from '../platform/web/context.ts';
import type { Problems } from '../platform/web/forms.ts';
import { type PageOptions, renderPage } from '../platform/web/render.ts';
import type { Refused } from '../platform/refused.ts';
import { operatorOf } from './require-operator.ts';
import { mayOperate, type Permission } from './roles.ts';

/**
 * Answers with a page of the console: the view `views/<view>.eta`, which begins with
 * `layout('/admin-layout', { title, current })` and finds `it.operator` (account and role) and `it.may(permission)`.
 * Behind requireOperator.
 */
export function renderConsolePage(
  ctx: Context,
  view: string,
  data: object = {},
  options: PageOptions = {},
): void {
  const operator = operatorOf(ctx);
  const may = (permission: Permission) => mayOperate(operator.role, permission);
  renderPage(ctx, view, { operator, may, ...data }, options);
}

/** The sentence of a rule beside the field that it is about, or above the form: `fields` says which, by reason. */
export function problemOf<Reason extends string>(
  { reason, sentence }: Refused<Reason>,
  fields: Partial<Record<Reason, string>> = {},
): Problems {
  return { [fields[reason] ?? 'form']: { key: 'admin.sentence', values: { sentence } } };
}
