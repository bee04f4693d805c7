import { suspensionsOf } from '../../defense/suspensions/list.ts';
import { accessOfApp } from '../../developers/access/access-list.ts';
import { glanceAtApps } from '../../developers/clients/app-glance.ts';
import { findClient } from '../../developers/clients/client.ts';
import { describeCredentials } from '../../developers/clients/credentials/credential-list.ts';
import { logoPath } from '../../developers/clients/logo.ts';
import { reviewsOf } from '../../developers/clients/reviews.ts';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { renderConsolePage } from '../console-page.ts';
import { shown } from '../suspensions/suspension-words.ts';

/** GET /admin/clients/:client: whose app it is, what it may do, and how it goes. */
export function showClient(platform: Platform): Handler {
  return async (ctx) => {
    const app = await clientOf(ctx, platform);
    const [[glance], credentials, { accesses }, reviews, inForce] = await Promise.all([
      glanceAtApps(platform, [app.id]),
      describeCredentials(platform, app.id),
      accessOfApp(platform, app.id),
      reviewsOf(platform, app.id),
      suspensionsOf(platform, { clientIds: [app.id], live: true }),
    ]);
    const suspensions = await shown(platform, inForce.suspensions);
    const waiting = Object.values(reviews).filter(({ outcome }) => outcome === null);
    const live = accesses.filter((access) => access.live);
    const logo = app.logo === null ? undefined : logoPath(app.logo);
    const data = { app, logo, glance, credentials, accesses: live, ended: accesses.length - live.length };
    renderConsolePage(ctx, 'admin/clients/client', { ...data, waiting, suspensions });
  };
}

async function clientOf(ctx: Context, platform: Platform) {
  const app = await findClient(platform, String(ctx.params.client));
  if (!app) throw new Refusal('not-found', 'errors.nothing-here');
  return app;
}
