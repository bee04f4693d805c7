import { z } from 'zod';
import type { Platform } from '../../../platform/platform.ts';
import type { Context, Handler } from '../../../platform/web/context.ts';
import { readForm } from '../../../platform/web/forms.ts';
import { seeOther } from '../../../platform/web/see-other.ts';
import { problemOf, renderPortalPage } from '../../portal-page.ts';
import { apiMemberActor, apiPath } from '../api-change.ts';
import { EVENTS } from './event-names.ts';
import { chooseEvents, removeTarget, rotateEventSecret, stopTarget } from './event-targets.ts';
import { aboutApi, eventsIn, FIELDS, targetFrom, targetOf } from './events-page.ts';

const Choice = z.object({
  resumes: z.string().optional(),
  ...Object.fromEntries(EVENTS.map((name) => [name, z.string().optional()])),
});

/** GET …/events/targets/:target */
export function showTarget(platform: Platform): Handler {
  return async (ctx) => renderTarget(ctx, platform);
}

/** POST …/events/targets/:target: other events, and where it was stopped, on with it. */
export function submitTarget(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Choice);
    await targetOf(platform, ctx);
    if (!form.ok) return renderTarget(ctx, platform, form);
    const { resumes, ...ticked } = form.value;
    const [actor, named] = [apiMemberActor(ctx), targetFrom(ctx)];
    const outcome = await chooseEvents(platform, actor, { ...named, events: eventsIn(ticked) });
    if (!outcome.ok) return renderTarget(ctx, platform, { problems: problemOf(outcome, FIELDS) });
    if (resumes !== 'yes') return seeOther(ctx, `${apiPath(ctx, 'events')}?done=changed`);
    await stopTarget(platform, actor, { ...named, stopped: false });
    seeOther(ctx, `${apiPath(ctx, 'events')}?done=resumed`);
  };
}

async function renderTarget(ctx: Context, platform: Platform, failed?: object): Promise<void> {
  const data = { ...aboutApi(ctx), target: await targetOf(platform, ctx), ...failed };
  renderPortalPage(ctx, 'developers/apis/events/target-changes', data, { status: failed ? 422 : 200 });
}

/** GET …/events/targets/:target/rotation */
export function showSecretRotation(platform: Platform): Handler {
  return async (ctx) => renderRotation(ctx, platform);
}

/** POST …/events/targets/:target/rotation: shows the new secret, once. */
export function submitSecretRotation(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const target = await targetOf(platform, ctx);
    const outcome = await rotateEventSecret(platform, apiMemberActor(ctx), targetFrom(ctx));
    if (!outcome.ok) return renderRotation(ctx, platform, { problems: problemOf(outcome, FIELDS) });
    const { issued, olderUntil } = outcome;
    const data = { ...aboutApi(ctx), target, secret: issued.secret, olderUntil };
    renderPortalPage(ctx, 'developers/apis/events/target-changes-rotated', data, { status: 201 });
  };
}

async function renderRotation(ctx: Context, platform: Platform, failed?: object): Promise<void> {
  const data = { ...aboutApi(ctx), target: await targetOf(platform, ctx), ...failed };
  const status = failed ? 422 : 200;
  renderPortalPage(ctx, 'developers/apis/events/target-changes-rotation', data, { status });
}

/** GET …/events/targets/:target/removal */
export function showTargetRemoval(platform: Platform): Handler {
  return async (ctx) => renderRemoval(ctx, platform);
}

/** POST …/events/targets/:target/removal */
export function submitTargetRemoval(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const outcome = await removeTarget(platform, apiMemberActor(ctx), targetFrom(ctx));
    if (outcome.ok) return seeOther(ctx, `${apiPath(ctx, 'events')}?done=removed`);
    if (outcome.reason === 'target') return seeOther(ctx, `${apiPath(ctx, 'events')}?done=gone`);
    return renderRemoval(ctx, platform, { problems: problemOf(outcome, FIELDS) });
  };
}

async function renderRemoval(ctx: Context, platform: Platform, failed?: object): Promise<void> {
  const data = { ...aboutApi(ctx), target: await targetOf(platform, ctx), ...failed };
  const status = failed ? 422 : 200;
  renderPortalPage(ctx, 'developers/apis/events/target-changes-removal', data, { status });
}
