import { z } from 'zod';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { accountActor } from '../actor.ts';
import { deviceInWords } from '../sessions/device-in-words.ts';
import { placeInWords } from '../sessions/place-in-words.ts';
import { findSessions, type ListedSession } from '../sessions/session-list.ts';
import { sessionOf } from '../sign-in/require-session.ts';
import { renderAccountPage } from './account-page.ts';
import { type Activity, listActivity } from './events.ts';
import { findReport, reportActivity } from './report.ts';

const Query = z.object({ before: z.string().regex(UUID).optional().catch(undefined) });

/** GET /account/events: what happened lately, where we know it with the device it happened on. */
export function showEvents(platform: Platform): Handler {
  return async (ctx) => {
    const { id, accountId } = await sessionOf(platform, ctx);
    const { before } = Query.parse({ ...ctx.query });
    const { activities, next } = await listActivity(platform, accountId, { before });
    const ids = activities.flatMap(({ sessionId }) => sessionId ?? []);
    const sessions = await findSessions(platform, accountId, { ids });
    const rows = activities.map((activity) => ({
      ...withDevice(activity, sessions),
      here: activity.sessionId === id,
    }));
    await renderAccountPage(ctx, 'accounts/area/events', { rows, next });
  };
}

const Report = z.object({ event: z.string().regex(UUID) });

/** POST /account/events/report: "This wasn't me". */
export function submitReport(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Report);
    const { id: sessionId, accountId } = await sessionOf(platform, ctx);
    const eventId = form.ok ? form.value.event : undefined;
    await reportActivity(platform, accountActor(ctx, accountId), { accountId, sessionId, eventId });
    seeOther(ctx, '/account/events/report');
  };
}

/** GET /account/events/report: what the last report did, and what is left to do. */
export function showReport(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId } = await sessionOf(platform, ctx);
    const report = await findReport(platform, accountId);
    if (!report) return seeOther(ctx, '/account/events');
    await renderAccountPage(ctx, 'accounts/area/events-report', { report });
  };
}

function withDevice(activity: Activity, sessions: ReadonlyMap<string, ListedSession>) {
  const session = activity.sessionId === undefined ? undefined : sessions.get(activity.sessionId);
  if (!session) return activity;
  return { ...activity, device: deviceInWords(session.userAgent), place: placeInWords(session.address) };
}
