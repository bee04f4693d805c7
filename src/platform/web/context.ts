import type Koa from 'koa';
import type { Platform } from '../platform.ts';
import type { Language } from '../words/language.ts';

/** What every request carries from its first step on; issuerRequests fills it in. */
export interface RequestState {
  /** The handle this request is answered with, so that pages and forms need no second argument for it. */
  platform: Platform;
  /** Ours, or the caller's `X-Request-Id` where it is well-formed; always answered in `X-Request-Id`. */
  requestId: string;
  /** The visitor's IP address in canonical form, as far as TRUST_PROXY lets us believe it. */
  address: string;
  /** What the answer is written in; chosen when it is first used (web/language.ts). */
  readonly language: Language;
}

export type Context = Koa.ParameterizedContext<RequestState>;

export type Handler = (ctx: Context, next: Koa.Next) => Promise<void> | void;
