import { z } from 'zod';
import { findAccountByAddress } from '../../accounts/account.ts';
import { searchOrganizations } from '../../developers/organizations/organization-search.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { renderConsolePage } from '../console-page.ts';

const Query = z.object({
  q: z.string().trim().max(320).catch(''),
  member: z.string().regex(UUID).optional().catch(undefined),
  before: z.string().regex(UUID).optional().catch(undefined),
});

/** GET /admin/organizations: all of them, or those that a name, an ID or a member finds. */
export function showOrganizations(platform: Platform): Handler {
  return async (ctx) => {
    const { q, member, before } = Query.parse({ q: '', ...ctx.query });
    const page = await searchOrganizations(platform, { wish: q, memberId: member, before });
    const search = { ...(q !== '' && { q }), ...(member && { member }) };
    const next = page.next && `/admin/organizations?${new URLSearchParams({ ...search, before: page.next })}`;
    const { organizations } = page;
    const data = { organizations, next, entered: { q }, searched: q !== '' || member !== undefined };
    renderConsolePage(ctx, 'admin/organizations/organizations', data);
  };
}

const Wish = z.object({ q: z.string().trim().max(320).default('') });

/** POST /admin/organizations/search: an address has no place in an address bar, so it is sent, and answered by an id. */
export function submitOrganizationSearch(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Wish);
    const q = form.ok ? form.value.q : '';
    if (!q.includes('@')) return seeOther(ctx, `/admin/organizations?${new URLSearchParams({ q })}`);
    const account = await findAccountByAddress(platform, q);
    if (account) return seeOther(ctx, `/admin/organizations?member=${account.id}`);
    renderConsolePage(ctx, 'admin/organizations/organizations', {
      ...{ organizations: [], entered: { q }, searched: true },
    });
  };
}
