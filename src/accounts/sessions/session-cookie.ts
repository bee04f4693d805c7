import type { IncomingMessage } from 'node:http';
import type { Config } from '../../config.ts';
import { BROWSER_COOKIE_SECONDS } from '../../defense/known-browsers.ts';
import type { WaitTicket } from '../../defense/sign-in-watch/wait-ticket.ts';
import { handleKind, type IssuedSecret, newHandle } from '../../platform/crypto/secrets.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context } from '../../platform/web/context.ts';
import { clearCookie, readCookie, setCookie } from '../../platform/web/cookies.ts';
import { LIFETIMES } from '../../tokens/lifetimes.ts';
import {
  findSession,
  HALF_SESSION_SECONDS,
  type LiveSession,
  type Origin,
  type SessionFound,
} from './sessions.ts';
import { TRUSTED_BROWSER_SECONDS } from './trusted-browsers.ts';

/** Both factors proven. */
const SESSION = 'session';
/** Only the password proven; see HalfSession. */
const SIGN_IN = 'sign_in';
/** Names the browser, signed in or not: typed codes are bound to it, and a known one has its own failure counter. */
const BROWSER = 'browser';

/** Spares the second factor at sign-in; see trusted-browsers.ts. */
const TRUSTED = 'trusted';

/** Whoever was told to wait before the password is looked at, see defense/sign-in-watch/wait-ticket.ts. */
const WAIT = 'wait';

/** Asked for several times in one request, by our pages and by the engine, but read once. */
const found = new WeakMap<IncomingMessage, Promise<SessionFound | undefined>>();

/** The completed session of this browser. */
export async function readSession(platform: Platform, ctx: Context): Promise<LiveSession | undefined> {
  const read = await readOnce(platform, ctx);
  return read?.suspended ? undefined : read?.session;
}

/** The completed session of this browser, where its account is suspended: enough to tell its person so. */
export async function readSuspendedSession(
  platform: Platform,
  ctx: Context,
): Promise<LiveSession | undefined> {
  const read = await readOnce(platform, ctx);
  return read?.suspended ? read.session : undefined;
}

function readOnce(platform: Platform, ctx: Context): Promise<SessionFound | undefined> {
  const known = found.get(ctx.req);
  if (known) return known;
  const session = findSession(platform, readCookie(ctx, platform.config, SESSION));
  found.set(ctx.req, session);
  return session;
}

/** Puts a completed session in the place of the half session that led to it. */
export function writeSession(
  ctx: Context,
  config: Config,
  session: LiveSession,
  { secret }: IssuedSecret,
): void {
  setCookie(ctx, config, SESSION, secret, { maxAgeSeconds: LIFETIMES.session.absoluteSeconds });
  clearCookie(ctx, config, SIGN_IN);
  found.set(ctx.req, Promise.resolve({ session, suspended: false }));
}

export function clearSession(ctx: Context, config: Config): void {
  clearCookie(ctx, config, SESSION);
  clearCookie(ctx, config, SIGN_IN);
  found.set(ctx.req, Promise.resolve(undefined));
}

/** The handle of a sign-in under way, unchecked. */
export function readHalfHandle(ctx: Context, config: Config): string | undefined {
  return readCookie(ctx, config, SIGN_IN);
}

export function writeHalfSession(ctx: Context, config: Config, { secret }: IssuedSecret): void {
  setCookie(ctx, config, SIGN_IN, secret, { maxAgeSeconds: HALF_SESSION_SECONDS });
}

/** The value of the browser cookie, where it is one of ours by form. */
export function readBrowser(ctx: Context, config: Config): string | undefined {
  const value = readCookie(ctx, config, BROWSER);
  return handleKind(value) === 'browser' ? value : undefined;
}

/** The value of the browser cookie, set now where the browser has none. */
export function ensureBrowser(ctx: Context, { config, clock }: Platform): string {
  const present = readBrowser(ctx, config);
  if (present) return present;
  const secret = newHandle('browser', clock.now());
  writeBrowser(ctx, config, { secret });
  return secret;
}

export function writeBrowser(ctx: Context, config: Config, { secret }: IssuedSecret): void {
  setCookie(ctx, config, BROWSER, secret, { maxAgeSeconds: BROWSER_COOKIE_SECONDS });
}

/** The value of the cookie of a trusted browser, unchecked. */
export function readTrusted(ctx: Context, config: Config): string | undefined {
  return readCookie(ctx, config, TRUSTED);
}

export function writeTrusted(ctx: Context, config: Config, { secret }: IssuedSecret): void {
  setCookie(ctx, config, TRUSTED, secret, { maxAgeSeconds: TRUSTED_BROWSER_SECONDS });
}

/** The ticket of somebody who was told to wait, unchecked. */
export function readWaitTicket(ctx: Context, config: Config): string | undefined {
  return readCookie(ctx, config, WAIT);
}

export function writeWaitTicket(ctx: Context, config: Config, ticket: WaitTicket): void {
  setCookie(ctx, config, WAIT, ticket.secret, { maxAgeSeconds: ticket.maxAgeSeconds });
}

/** Where a request comes from, for the person's list of sessions. */
export function originOf(ctx: Context): Origin {
  return { userAgent: ctx.get('User-Agent'), address: ctx.state.address };
}
