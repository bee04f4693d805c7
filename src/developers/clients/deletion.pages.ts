import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { memberOf } from '../organizations/require-member.ts';
import { organizationPath, problemOf, renderPortalPage } from '../portal-page.ts';
import { deleteClient } from './deletion.ts';
import { appOf } from './require-app.ts';

/** GET …/apps/:client/deletion */
export const showDeletion: Handler = (ctx) =>
  renderPortalPage(ctx, 'developers/clients/deletion', { app: appOf(ctx) });

const TypedName = z.object({ name: z.string().max(1000) });

/** POST …/apps/:client/deletion: only with the name typed, by a member who may govern. */
export function submitDeletion(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, TypedName);
    const { accountId, organization } = memberOf(ctx);
    const app = appOf(ctx);
    const of = { organizationId: organization.id, clientId: app.id };
    const typedName = form.ok ? form.value.name : '';
    const outcome = await deleteClient(platform, accountActor(ctx, accountId), { ...of, typedName });
    if (outcome.ok) return seeOther(ctx, `${organizationPath(organization.id)}/apps?done=deleted`);
    const problems = problemOf(outcome, { client: 'form', frozen: 'form' });
    const data = { app, problems, entered: { name: typedName } };
    renderPortalPage(ctx, 'developers/clients/deletion', data, { status: 422 });
  };
}
