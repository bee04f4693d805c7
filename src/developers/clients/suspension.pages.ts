import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { memberOf } from '../organizations/require-member.ts';
import { problemOf, renderPortalPage } from '../portal-page.ts';
import { appOf, appPath } from './require-app.ts';
import { resumeClient, suspendClient } from './suspension.ts';

/** GET …/apps/:client/suspension */
export const showSuspension: Handler = (ctx) =>
  renderPortalPage(ctx, 'developers/clients/suspension', { app: appOf(ctx) });

const Wish = z.object({ wish: z.enum(['suspend', 'resume']) });

/** POST …/apps/:client/suspension: stops the app everywhere within a second, or lets it go on. */
export function submitSuspension(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Wish);
    const app = appOf(ctx);
    if (!form.ok) return seeOther(ctx, `${appPath(app)}/suspension`);
    const change = form.value.wish === 'suspend' ? suspendClient : resumeClient;
    const outcome = await change(platform, accountActor(ctx, memberOf(ctx).accountId), app.id);
    if (outcome.ok) return seeOther(ctx, `${appPath(app)}/suspension`);
    const problems = problemOf(outcome, { client: 'form', operator: 'form' });
    renderPortalPage(ctx, 'developers/clients/suspension', { app, problems }, { status: 422 });
  };
}
