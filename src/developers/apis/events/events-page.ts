import { Refusal } from '../../../platform/errors.ts';
import type { Platform } from '../../../platform/platform.ts';
import type { Context } from '../../../platform/web/context.ts';
import { apiChangeFrom, apiPath } from '../api-change.ts';
import { apiOf } from '../require-api.ts';
import { EVENTS, type EventName } from './event-names.ts';
import type { NamedTarget } from './event-targets.ts';
import { findTarget, type TargetView } from './target-list.ts';

/** Reasons of these rules that no field is to blame for. */
export const FIELDS = {
  ...{ url: 'url', events: 'form', 'too-many': 'form', target: 'form' },
  ...{ delivery: 'form', delivered: 'form', stopped: 'form' },
  ...{ holder: 'form', frozen: 'form', sponsored: 'form' },
} as const;

/** What every view of these pages is given. */
export function aboutApi(ctx: Context): object {
  return {
    api: apiOf(ctx),
    path: ctx.path,
    list: apiPath(ctx, 'events'),
    names: EVENTS,
    now: ctx.state.platform.clock.now(),
  };
}

/** The events that were ticked: each is a field of its own. */
export function eventsIn(ticked: Readonly<Record<string, string | undefined>>): EventName[] {
  return EVENTS.filter((name) => ticked[name] === 'yes');
}

/** The target in the address; one of another API is one that does not exist. */
export async function targetOf(platform: Platform, ctx: Context): Promise<TargetView> {
  const target = await findTarget(platform, apiOf(ctx).id, String(ctx.params.target));
  if (!target) throw new Refusal('not-found', 'portal.nothing-here');
  return target;
}

export function targetFrom(ctx: Context): NamedTarget {
  return { ...apiChangeFrom(ctx), targetId: String(ctx.params.target) };
}
