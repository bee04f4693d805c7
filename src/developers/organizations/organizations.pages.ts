import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import { sessionOf } from '../../accounts/sign-in/require-session.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { type Problems, readForm } from '../../platform/web/forms.ts';
import { renderPage } from '../../platform/web/render.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { organizationPath, problemOf } from '../portal-page.ts';
import { createOrganization, organizationsOf } from './organization.ts';

/** GET /developers: straight to the one organization of a person, else to their list, or to the first steps. */
export function showPortal(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId } = await sessionOf(platform, ctx);
    const [first, ...others] = await organizationsOf(platform, accountId);
    if (!first) return renderPage(ctx, 'developers/organizations/organizations-none');
    seeOther(ctx, others.length > 0 ? '/developers/organizations' : organizationPath(first.organization.id));
  };
}

/** GET /developers/organizations */
export function showOrganizations(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId } = await sessionOf(platform, ctx);
    const organizations = (await organizationsOf(platform, accountId)).map(({ organization, role }) => ({
      name: organization.name,
      path: organizationPath(organization.id),
      role: `organizations.role-${role}`,
    }));
    if (organizations.length === 0) return seeOther(ctx, '/developers');
    renderPage(ctx, 'developers/organizations/organizations', { organizations });
  };
}

/** GET /developers/organizations/new */
export const showNewOrganization: Handler = (ctx) => renderNew(ctx);

const NewOrganization = z.object({ name: z.string().max(1000) });

/** POST /developers/organizations/new: whoever makes one is its first owner. */
export function submitNewOrganization(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, NewOrganization);
    if (!form.ok) return renderNew(ctx, form);
    const { accountId } = await sessionOf(platform, ctx);
    const { name } = form.value;
    const outcome = await createOrganization(platform, accountActor(ctx, accountId), { name, accountId });
    if (outcome.ok) return seeOther(ctx, organizationPath(outcome.organization.id));
    renderNew(ctx, { problems: problemOf(outcome, { owner: 'form', limit: 'form' }), entered: { name } });
  };
}

function renderNew(
  ctx: Context,
  failed?: { problems: Problems; entered: Readonly<Record<string, string>> },
): void {
  renderPage(
    ctx,
    'developers/organizations/organizations-new',
    { ...failed },
    { status: failed ? 422 : 200 },
  );
}
