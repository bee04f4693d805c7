import { randomBytes } from 'node:crypto';
import { keyedDigest, sameBytes } from '../crypto/secrets.ts';
import { Refusal } from '../errors.ts';
import type { Platform } from '../platform.ts';
import type { Context, Handler } from './context.ts';
import { readCookie, setCookie } from './cookies.ts';

export const FORM_TOKEN_FIELD = 'form_token';

/**
 * The value of a form's hidden field `form_token`: a keyed digest over the browser's `form` cookie and `purpose`,
 * the path the form is sent to unless a page binds more (a session, an interaction). Sets the cookie where missing.
 */
export function formToken({ config, vault }: Platform, ctx: Context, purpose: string = ctx.path): string {
  let browser = formCookie(ctx);
  if (browser === undefined) {
    browser = randomBytes(32).toString('base64url');
    cookiesSetNow.set(ctx, browser);
    setCookie(ctx, config, 'form', browser);
  }
  return keyedDigest(vault.secret('form-token'), browser, purpose).toString('base64url');
}

/** Throws a Refusal unless `presented` is the token of this browser for this purpose. */
export function checkFormToken(
  ctx: Context,
  presented: string | undefined,
  purpose: string = ctx.path,
): void {
  const browser = formCookie(ctx);
  const { vault } = ctx.state.platform;
  if (browser !== undefined && presented !== undefined) {
    const expected = keyedDigest(vault.secret('form-token'), browser, purpose).toString('base64url');
    if (sameBytes(Buffer.from(expected), Buffer.from(presented))) return;
  }
  throw new Refusal('forbidden', 'errors.foreign-form');
}

/**
 * Refuses a change asked for by another site. `Sec-Fetch-Site` decides where the browser sends it: our
 * `Referrer-Policy: no-referrer` makes browsers answer `Origin: null` for our own forms. Elsewhere `Origin` decides.
 */
export const sameOriginOnly: Handler = (ctx, next) => {
  if (SAFE_METHODS.has(ctx.method) || sentFromHere(ctx)) return next();
  throw new Refusal('forbidden', 'errors.other-site');
};

function sentFromHere(ctx: Context): boolean {
  const site = ctx.get('Sec-Fetch-Site');
  const origin = ctx.get('Origin');
  const { issuer: ours } = ctx.state.platform.config;
  if (site === '') return origin === '' || origin === ours;
  return (
    (site === 'same-origin' || site === 'none') && (origin === '' || origin === 'null' || origin === ours)
  );
}

function formCookie(ctx: Context): string | undefined {
  const value = cookiesSetNow.get(ctx) ?? readCookie(ctx, ctx.state.platform.config, 'form');
  return value !== undefined && FORM_COOKIE.test(value) ? value : undefined;
}

const FORM_COOKIE = /^[A-Za-z0-9_-]{43}$/;
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Two forms on one page share the cookie that the first of them set. */
const cookiesSetNow = new WeakMap<Context, string>();
