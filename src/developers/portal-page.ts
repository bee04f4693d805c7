import type { Refused } from '../platform/refused.ts';
import type { Context } from '../platform/web/context.ts';
import type { Problems } from '../platform/web/forms.ts';
import { type PageOptions, renderPage } from '../platform/web/render.ts';
import { memberOf } from './organizations/require-member.ts';
import { mayDo, type Permission } from './organizations/roles.ts';

/**
 * Answers with a page of an organization: the view `views/<view>.eta`, which begins with
 * `layout('/portal-layout', { title, current })` and finds `it.organization`, `it.home` (its address) and
 * `it.may(permission)`. Behind requireMember.
 */
export function renderPortalPage(
  ctx: Context,
  view: string,
  data: object = {},
  options: PageOptions = {},
): void {
  const { organization, role, operator } = memberOf(ctx);
  const may = (permission: Permission) => mayDo(role, permission);
  const home = organizationPath(organization.id);
  renderPage(ctx, view, { organization, role, may, home, operator, ...data }, options);
}

export function organizationPath(organizationId: string): string {
  return `/developers/organizations/${organizationId}`;
}

/** The sentence of a rule beside the field that it is about: `fields` says which, by reason. */
export function problemOf<Reason extends string>(
  { reason, sentence }: Refused<Reason>,
  fields: Partial<Record<Reason, string>> = {},
): Problems {
  return { [fields[reason] ?? reason]: { key: 'portal.sentence', values: { sentence } } };
}
