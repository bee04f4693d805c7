import { guardedRequest, type Outbound, type ResolveHost } from '../platform/web/guarded-fetch.ts';

/** A key set, or the empty answer to a logout token: nothing the engine fetches is larger. */
const MAX_BYTES = 64 * 1024;
/** Less than the engine's own patience of 2.5 seconds. */
const TIMEOUT_MS = 2_400;

/**
 * The engine's own fetches (`jwks_uri`, logout URIs), in the shape of `fetch` and under our guard: the engine's looks at
 * an address only once the connection is made. Its dispatcher and signal are not used. Throws where nothing was fetched.
 */
export function engineFetch(
  platform: Outbound,
  resolve?: ResolveHost,
): (url: string | URL | Request, options?: RequestInit) => Promise<Response> {
  return async (url, options = {}) => {
    const answer = await guardedRequest(
      platform,
      String(url),
      {
        method: options.method === 'POST' ? 'POST' : 'GET',
        headers: sentHeaders(options.headers),
        ...(options.body ? { body: String(options.body) } : {}),
        maxBytes: MAX_BYTES,
        timeoutMs: TIMEOUT_MS,
      },
      resolve,
    );
    if (!answer.ok) throw new Error(answer.sentence);
    const { status, body, headers } = answer;
    const empty = status === 204 || status === 205;
    return new Response(empty ? null : new Uint8Array(body), { status, headers: seenHeaders(headers) });
  };
}

function sentHeaders(headers: RequestInit['headers']): Record<string, string> {
  return Object.fromEntries([...new Headers(headers)].filter(([, value]) => value !== ''));
}

/** What the engine reads: the kind of body, and how long keys stay fresh, which is never as long as somebody likes. */
function seenHeaders(headers: Readonly<Record<string, string | readonly string[] | undefined>>): Headers {
  const seen = new Headers();
  const { 'content-type': type, 'cache-control': cache } = headers;
  if (typeof type === 'string') seen.set('content-type', type);
  const age = typeof cache === 'string' ? /\bmax-age=(\d{1,9})\b/.exec(cache)?.[1] : undefined;
  if (age !== undefined) seen.set('cache-control', `max-age=${Math.min(Number(age), LONGEST_FRESH)}`);
  return seen;
}

/** Seconds after which a key that was taken off its list is refused at the latest. */
const LONGEST_FRESH = 300;
