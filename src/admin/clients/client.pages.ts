import { suspensionsOf } from '../../defense/suspensions/list.ts';
import { z } from 'zod';
import { accessOfApp } from '../../developers/access/access-list.ts';
import { glanceAtApps } from '../../developers/clients/app-glance.ts';
import { findClient } from '../../developers/clients/client.ts';
import { describeCredentials } from '../../developers/clients/credentials/credential-list.ts';
import { logoPath } from '../../developers/clients/logo.ts';
import { reviewsOf } from '../../developers/clients/reviews.ts';
import { resumeClient } from '../../developers/clients/suspension.ts';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { type Problems, readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { problemOf, renderConsolePage } from '../console-page.ts';
import { operatorActor } from '../require-operator.ts';
import { shown } from '../suspensions/suspension-words.ts';

/** GET /admin/clients/:client: whose app it is, what it may do, and how it goes. */
export function showClient(platform: Platform): Handler {
  return (ctx) => renderClient(ctx, platform);
}

/** What the page was about when it was opened. */
const Wish = z.object({ client: z.string().max(60) });

/** POST /admin/clients/:client/resumption: lets go on what an operator stopped without an end. */
export function submitResumption(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Wish);
    const { client } = ctx.params;
    if (!form.ok || form.value.client !== client) throw new Refusal('bad-request', 'admin-queues.other-page');
    const outcome = await resumeClient(platform, operatorActor(ctx), client);
    if (outcome.ok) return seeOther(ctx, `/admin/clients/${client}?done=resumed`);
    await renderClient(ctx, platform, problemOf(outcome));
  };
}

async function renderClient(ctx: Context, platform: Platform, problems?: Problems): Promise<void> {
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
  const resumed = ctx.query.done === 'resumed';
  const shownOnes = { ...data, waiting, suspensions, resumed, problems };
  renderConsolePage(ctx, 'admin/clients/client', shownOnes, { status: problems ? 422 : 200 });
}

async function clientOf(ctx: Context, platform: Platform) {
  const app = await findClient(platform, String(ctx.params.client));
  if (!app) throw new Refusal('not-found', 'errors.nothing-here');
  return app;
}
