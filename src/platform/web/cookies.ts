import type { Config } from '../../config.ts';
import type { Context } from './context.ts';

/** `__Host-` binds a cookie to this host and to https (RFC 6265bis §4.1.3.2); plain http cannot have it. */
export function cookieName(config: Config, base: string): string {
  return config.secure ? `__Host-${base}` : `gatehouse_${base}`;
}

/** Without `maxAgeSeconds` the cookie ends with the browser. Values are opaque handles: unsigned, never readable by scripts. */
export function setCookie(
  ctx: Context,
  config: Config,
  base: string,
  value: string,
  { maxAgeSeconds }: { maxAgeSeconds?: number } = {},
): void {
  ctx.cookies.set(cookieName(config, base), value, {
    ...ATTRIBUTES,
    secure: config.secure,
    ...(maxAgeSeconds === undefined ? {} : { maxAge: maxAgeSeconds * 1000 }),
  });
}

export function readCookie(ctx: Context, config: Config, base: string): string | undefined {
  return ctx.cookies.get(cookieName(config, base), { signed: false }) || undefined;
}

export function clearCookie(ctx: Context, config: Config, base: string): void {
  ctx.cookies.set(cookieName(config, base), null, { ...ATTRIBUTES, secure: config.secure });
}

const ATTRIBUTES = { httpOnly: true, sameSite: 'lax', path: '/', signed: false, overwrite: true } as const;
