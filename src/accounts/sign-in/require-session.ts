import { secondsAfter } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { safeReturnTo } from '../../platform/web/return-to.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { findStanding, type Standing } from '../account.ts';
import { readHalfHandle, readSession, readSuspendedSession } from '../sessions/session-cookie.ts';
import { type HalfSession, type LiveSession, loadHalfSession } from '../sessions/sessions.ts';
import { carryTicket } from './carried-ticket.ts';
import { type NextStep, nextStep } from './sign-in.ts';
import { HOME, satisfies, signInPath } from './sign-in-ticket.ts';

/** Where somebody who proved both factors of a suspended account learns of it. */
export const SUSPENDED = '/suspended-account';

/** Guard: whoever is not signed in goes to sign in and returns to this page; after a POST to the page's own GET. */
export function requireSession(platform: Platform): Handler {
  return async (ctx, next) => {
    if (await readSession(platform, ctx)) return next();
    if (await readSuspendedSession(platform, ctx)) return seeOther(ctx, SUSPENDED);
    const here = ctx.method === 'GET' ? ctx.url : ctx.path;
    seeOther(ctx, signInPath(platform, { returnTo: safeReturnTo(here) ?? HOME }));
  };
}

/** Seconds for which a page may change credentials after its person proved who they are. */
const RECENT_SECONDS = 600;

/**
 * Guard, after requireSession: who changes credentials, downloads or closes has proven it within ten minutes, with a
 * second factor where the account has one. Others confirm it first and come back to `page`, or to this very page.
 * `page` may name parameters of the route, such as `/account/apps/:client`.
 */
export function requireRecent(platform: Platform, page?: string): Handler {
  return async (ctx, next) => {
    const session = await sessionOf(platform, ctx);
    const standing = await findStanding(platform, session.accountId);
    const now = platform.clock.now();
    const ticket = {
      returnTo: safeReturnTo(page ? filledIn(page, ctx) : ctx.method === 'GET' ? ctx.url : ctx.path) ?? HOME,
      accountId: session.accountId,
      acr: standing?.hasSecondFactor ? ('aal2' as const) : ('aal1' as const),
      freshAfter: secondsAfter(now, -RECENT_SECONDS).getTime(),
    };
    if (satisfies(session, ticket, now)) return next();
    seeOther(ctx, signInPath(platform, ticket));
  };
}

function filledIn(page: string, ctx: Context): string {
  return page.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(ctx.params[name])));
}

/** The session that requireSession let through. */
export async function sessionOf(platform: Platform, ctx: Context): Promise<LiveSession> {
  const session = await readSession(platform, ctx);
  if (!session) throw new Error(`the route ${ctx.path} lacks requireSession`);
  return session;
}

/** A sign-in under way and whom it is for. */
export interface SignInUnderWay {
  readonly half: HalfSession;
  readonly standing: Standing;
}

const underWay = new WeakMap<Context, SignInUnderWay>();

const STEP_PATHS: Record<NextStep, string> = {
  none: '/sign-in',
  verification: '/sign-in/verification',
  authenticator: '/sign-in/authenticator',
  'second-factor': '/sign-in/second-factor',
};

/**
 * Guard of the pages between the two factors: only for a half session whose next step this is (C16, D04).
 * Everybody else is sent to the step that is theirs.
 */
export function requireStep(platform: Platform, step: NextStep): Handler {
  return async (ctx, next) => {
    const half = await loadHalfSession(platform, readHalfHandle(ctx, platform.config));
    const standing = half && (await findStanding(platform, half.accountId));
    if (!half || !standing) return seeOther(ctx, carryTicket(ctx, '/sign-in'));
    if (nextStep(standing) !== step) return seeOther(ctx, pathOfNextStep(ctx, standing));
    underWay.set(ctx, { half, standing });
    return next();
  };
}

/** The sign-in that requireStep let through. */
export function signInUnderWay(ctx: Context): SignInUnderWay {
  const found = underWay.get(ctx);
  if (!found) throw new Error(`the route ${ctx.path} lacks requireStep`);
  return found;
}

export function pathOfNextStep(ctx: Context, standing: Standing): string {
  return carryTicket(ctx, STEP_PATHS[nextStep(standing)]);
}
