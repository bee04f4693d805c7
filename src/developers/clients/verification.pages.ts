import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { provenHosts } from '../organizations/hosts.ts';
import { memberOf } from '../organizations/require-member.ts';
import { problemOf, renderPortalPage } from '../portal-page.ts';
import { appOf, appPath } from './require-app.ts';
import { askVerification } from './verification.ts';

/** GET …/apps/:client/verification: asking us to look who publishes the app. */
export function showVerification(platform: Platform): Handler {
  return (ctx) => renderVerification(ctx, platform);
}

const Wish = z.object({ host: z.string().max(500).default('') });

/** POST …/apps/:client/verification */
export function submitVerification(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Wish);
    const { accountId, organization } = memberOf(ctx);
    const app = appOf(ctx);
    const actor = { ...accountActor(ctx, accountId), kind: 'account', id: accountId } as const;
    const host = form.ok ? form.value.host : '';
    const of = { organizationId: organization.id, clientId: app.id };
    const outcome = await askVerification(platform, actor, { ...of, host });
    if (outcome.ok) return seeOther(ctx, `${appPath(app)}/stage?done=asked`);
    await renderVerification(ctx, platform, problemOf(outcome, { client: 'form' }));
  };
}

async function renderVerification(ctx: Context, platform: Platform, problems?: object): Promise<void> {
  const hosts = await provenHosts(platform, memberOf(ctx).organization.id);
  const data = { app: appOf(ctx), hosts, problems };
  renderPortalPage(ctx, 'developers/clients/verification', data, { status: problems ? 422 : 200 });
}
