import type { Platform } from '../../platform/platform.ts';
import type { Context } from '../../platform/web/context.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { findStanding, type Standing } from '../account.ts';
import { accountActor } from '../actor.ts';
import {
  originOf,
  readBrowser,
  readSession,
  readTrusted,
  writeBrowser,
  writeHalfSession,
  writeSession,
  writeTrusted,
} from '../sessions/session-cookie.ts';
import type { BegunSession, HalfSession } from '../sessions/sessions.ts';
import { carryTicket, demandOf, ticketOf } from './carried-ticket.ts';
import { pathOfNextStep } from './require-session.ts';
import { signInWithoutFactor } from './second-factor.ts';
import { nextStep, type SignedIn, type SignInCompletion } from './sign-in.ts';
import { HOME } from './sign-in-ticket.ts';
import { signInOnTrustedBrowser } from './trusted-sign-in.ts';

/** The end of every way in: the browser gets its session and goes where the ticket says. */
export function arrive(ctx: Context, platform: Platform, signedIn: SignedIn): void {
  enter(ctx, platform, signedIn);
  seeOther(ctx, destinationOf(ctx));
}

/** The browser gets its session, for a page that has something to show before it leads on. */
export function enter(ctx: Context, { config }: Platform, signedIn: SignedIn): void {
  const { session, handle, browser, trusted } = signedIn;
  writeSession(ctx, config, session, handle);
  if (browser) writeBrowser(ctx, config, browser);
  if (trusted) writeTrusted(ctx, config, trusted);
}

/** Where the ticket says that a sign-in ends. */
export function destinationOf(ctx: Context): string {
  return ticketOf(ctx)?.returnTo ?? HOME;
}

/** What this visit brings along for the moment its last factor is proven. */
export async function completionOf(
  ctx: Context,
  platform: Platform,
  half: HalfSession,
): Promise<Omit<SignInCompletion, 'factor'>> {
  return {
    half,
    browser: readBrowser(ctx, platform.config),
    previous: await readSession(platform, ctx),
    demand: demandOf(ctx),
  };
}

/** On to the step that is due for this half session; arrives at once where nothing more has to be proven. */
export async function goOn(
  ctx: Context,
  platform: Platform,
  { half, standing }: { half: HalfSession; standing: Standing },
): Promise<void> {
  const step = nextStep(standing);
  if (step === 'none' || step === 'second-factor') {
    const completion = await completionOf(ctx, platform, half);
    const actor = accountActor(ctx, half.accountId);
    const { userAgent } = originOf(ctx);
    const spared = { completion, value: readTrusted(ctx, platform.config), userAgent };
    const signedIn =
      step === 'none'
        ? await signInWithoutFactor(platform, actor, completion)
        : await signInOnTrustedBrowser(platform, actor, spared);
    if (signedIn) return arrive(ctx, platform, signedIn);
  }
  seeOther(ctx, step === 'none' ? carryTicket(ctx, '/sign-in') : pathOfNextStep(ctx, standing));
}

/** The same right after the first factor: the browser gets the half session that was begun for it. */
export async function goOnWith(
  ctx: Context,
  platform: Platform,
  { handle, standing: seen }: { handle: BegunSession; standing?: Standing },
): Promise<void> {
  writeHalfSession(ctx, platform.config, handle);
  const { half } = handle;
  const standing = seen ?? (await findStanding(platform, half.accountId));
  if (standing) return goOn(ctx, platform, { half, standing });
  seeOther(ctx, carryTicket(ctx, '/sign-in'));
}
