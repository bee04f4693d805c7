import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { raiseAlert } from '../alerts.ts';

/**
 * What is given up first when there is more to do than can be done. Everything else is not shed: tokens above all, and the
 * console, whose operators are to find the cause. Sign-in goes last, so that they get there as long as possible. It is
 * kept open for those alone who are signed in and prove anew who they are: nobody else has proven yet to be one, so
 * whoever floods it would only have to say so.
 */
const SHED_IN_TURN: readonly { readonly name: string; readonly paths: RegExp }[] = [
  { name: 'registration', paths: /^\/(sign-up|password-reset|access-codes|invitations)(\/|$)/ },
  { name: 'portal', paths: /^\/(developers|docs|account)(\/|$)/ },
  { name: 'sign-in', paths: /^\/(sign-in|authorize)(\/|$)/ },
];

/** Mean delay of the event loop in a second, from which on one thing more is shed: registration, portal, sign-in. */
const LATE_MS = [100, 200, 400] as const;
const CALM_MS = 50;
const LOOK_EVERY_MS = 1_000;
const RETRY_SECONDS = 5;
const NANOSECONDS = 1e6;

const levels = new WeakMap<Platform['sql'], number>();

/** How many of the three are shed by this process now. */
export function shedLevel({ sql }: Pick<Platform, 'sql'>): number {
  return levels.get(sql) ?? 0;
}

/** The next level: up at once by what was late, down one step a second once it is calm. */
export function nextLevel(level: number, lateMs: number): number {
  const wanted = LATE_MS.filter((limit) => lateMs > limit).length;
  if (wanted > level) return wanted;
  return lateMs < CALM_MS ? Math.max(0, level - 1) : level;
}

/** Milliseconds that whatever is watched was late on average, since this was asked last. */
export type LateMs = () => number;

/** How late the event loop of this process comes to what is due. */
export function eventLoopDelay(): LateMs {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  return () => {
    const late = delay.mean / NANOSECONDS;
    delay.reset();
    return late;
  };
}

/** Looks each second how late this process is, as long as it lives. Asked for once, by the server. */
export function watchOverload(platform: Platform, lateMs: LateMs = eventLoopDelay()): void {
  setInterval(() => {
    const before = shedLevel(platform);
    const level = nextLevel(before, lateMs());
    levels.set(platform.sql, level);
    if (level > before) void tell(platform, level);
  }, LOOK_EVERY_MS).unref();
}

async function tell(platform: Platform, level: number): Promise<void> {
  const shed = SHED_IN_TURN.slice(0, level).map(({ name }) => name);
  platform.log.warn({ shed }, 'more to do than this process can; it sheds load');
  await raiseAlert(platform, { kind: 'overload', severity: 'page', evidence: { shed } }).catch((err) =>
    platform.log.error({ err }, 'an alert was not written'),
  );
}

/** Refuses what is shed now, before anything is asked of the database. `isSpared` may only look at the request itself. */
export function shedLoad(platform: Platform, isSpared: (ctx: Context) => boolean = () => false): Handler {
  return async (ctx, next) => {
    const shed = SHED_IN_TURN.slice(0, shedLevel(platform)).find(({ paths }) => paths.test(ctx.path));
    if (!shed || isSpared(ctx)) return next();
    platform.metrics.limits.inc({ limit: `overload-${shed.name}`, outcome: 'refused' });
    throw new Refusal('busy', 'limits.overload', { retryAfterSeconds: RETRY_SECONDS });
  };
}
