import type { IncomingMessage } from 'node:http';
import type Koa from 'koa';
import { BRAND_NAME, type Brand, brandOf, DEFAULT_LANGUAGE } from '../brand/brand.ts';
import { epochSeconds } from '../clock.ts';
import type { Platform } from '../platform.ts';
import type { Settings } from '../settings.ts';
import { english } from '../words/english.ts';
import { type Language, languageFor } from '../words/language.ts';
import { chooseLanguage, type LanguageWishes } from '../words/negotiation.ts';
import type { Context } from './context.ts';
import { readCookie, setCookie } from './cookies.ts';

const COOKIE = 'language';
const YEAR_SECONDS = 365 * 86_400;
/** As long as a sign-in may take that an app began with another wish. */
const INSISTING_SECONDS = 3600;

/** What a request was found to wish so far, and the language made of it once somebody asked. */
interface Speech {
  readonly platform: Platform;
  wishes: LanguageWishes;
  language?: Language | undefined;
}

/** By the request itself: the engine answers the same one with a context of its own. */
const speeches = new WeakMap<IncomingMessage, Speech>();

/** Gives the request its `state.language`, chosen when it is first used. */
export function prepareLanguage(ctx: Context, platform: Platform): void {
  const { config, clock } = platform;
  const [chosen, since] = (readCookie(ctx, config, COOKIE) ?? '').split('.');
  const insisting = epochSeconds(clock.now()) - Number(since) < INSISTING_SECONDS;
  const wishes = { chosen, accepted: ctx.get('Accept-Language'), ...(insisting && { insisted: chosen }) };
  speeches.set(ctx.req, { platform, wishes });
  Object.defineProperty(ctx.state, 'language', { get: () => languageOfRequest(ctx), configurable: true });
}

/** The language of any Koa context; English where a request did not get as far as having one. */
export function languageOfRequest(ctx: Koa.ParameterizedContext): Language {
  const speech = speeches.get(ctx.req);
  if (!speech) return english;
  const { platform, wishes } = speech;
  speech.language ??= languageFor(
    chooseLanguage({ ...wishes, fallback: platform.settings.get(DEFAULT_LANGUAGE) }),
    { clock: platform.clock, service: platform.settings.get(BRAND_NAME) },
  );
  return speech.language;
}

/** The looks of any Koa context, as its request found them; ours where it did not get that far. */
export function brandOfRequest(ctx: Koa.ParameterizedContext): Brand {
  return brandOf(speeches.get(ctx.req)?.platform.settings ?? DEFAULTS);
}

const DEFAULTS: Settings = { get: ({ fallback }) => fallback, refresh: async () => {} };

/** True where only the account or the browser's own list decide so far. */
export function hasChosenLanguage(ctx: Context): boolean {
  const { asked, chosen } = speeches.get(ctx.req)?.wishes ?? {};
  return Boolean(asked || chosen);
}

/** Adds what an upper floor knows: the wish of the app that sent the person, the language of their account. */
export function noteLanguageWishes(
  ctx: Koa.ParameterizedContext,
  found: Pick<LanguageWishes, 'asked' | 'account'>,
): void {
  const speech = speeches.get(ctx.req);
  if (speech) speeches.set(ctx.req, { platform: speech.platform, wishes: { ...speech.wishes, ...found } });
}

/** For pages that exist in few languages: the first of `codes` where the request would be answered in none of them. */
export function speakOnly(ctx: Koa.ParameterizedContext, codes: readonly [string, ...string[]]): void {
  const speech = speeches.get(ctx.req);
  if (!speech || codes.includes(languageOfRequest(ctx).code)) return;
  speeches.set(ctx.req, { platform: speech.platform, wishes: { insisted: codes[0] } });
}

/** Remembers the person's choice in this browser. */
export function writeLanguage(ctx: Context, { config, clock }: Platform, code: string): void {
  setCookie(ctx, config, COOKIE, `${code}.${epochSeconds(clock.now())}`, { maxAgeSeconds: YEAR_SECONDS });
}
