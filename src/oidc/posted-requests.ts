import { ENDPOINTS } from '../developers/endpoints.ts';
import type { Handler } from '../platform/web/context.ts';
import { seeOther } from '../platform/web/see-other.ts';
import { readUrlencoded } from '../platform/web/urlencoded.ts';

const { authorization, end_session } = ENDPOINTS;
const ASKED_BY_BROWSERS: ReadonlySet<string> = new Set([authorization, end_session]);

/** What fits into an address beside the browser's cookies. */
const LARGEST = 8 * 1024;

/**
 * Requests that a browser brings may be posted as well (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2). A post
 * from the app's site comes without our cookies, which are SameSite=Lax: the same parameters by GET come with them.
 */
export const askAgainByGet: Handler = async (ctx, next) => {
  if (ctx.method !== 'POST' || !ASKED_BY_BROWSERS.has(ctx.path)) return next();
  const fields = await readUrlencoded(ctx, LARGEST);
  seeOther(ctx, `${ctx.path}?${new URLSearchParams([...fields])}`);
};
