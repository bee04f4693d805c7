import type { IncomingMessage } from 'node:http';

/** What a gateway asks about, as its headers say. */
export type CheckedCall =
  | {
      readonly ok: true;
      readonly method: string;
      /** Path and query as they stood in the request. */
      readonly target: string;
      /** Where the API was called, for proofs that name it; undefined where the gateway does not say. */
      readonly url: string | undefined;
    }
  | { readonly ok: false; readonly sentence: string };

/** How a gateway names the call beside the check's own address. */
const PAIRS = [
  // nginx, as everybody writes it there.
  ['x-original-method', 'x-original-uri'],
  // Traefik, Caddy.
  ['x-forwarded-method', 'x-forwarded-uri'],
] as const;

/**
 * Finds method and path of the call that a gateway asks about. Envoy asks with the call's own method at /check and the
 * call's path; others at /check, with both in headers. Headers come through from visitors too: anything that is said twice,
 * or in two ways, is refused.
 */
export function readCheckedCall(req: IncomingMessage): CheckedCall {
  const { url = '', method = '' } = req;
  const rest = url.slice('/check'.length);
  if (rest.startsWith('/')) return { ok: true, method, target: rest, url: urlOf(req, rest, 'host') };
  const said = PAIRS.filter((pair) => pair.some((name) => req.headersDistinct[name] !== undefined));
  const [pair] = said;
  if (!pair) {
    return fault(
      'The gateway does not say which call it asks about: it must send X-Original-Method and X-Original-URI.',
    );
  }
  if (said.length > 1) {
    return fault(
      'Two pairs of headers name the call. The gateway must remove those that it does not set itself.',
    );
  }
  const [called, target] = pair.map((name) => single(req, name));
  if (called === undefined || target === undefined) {
    return fault(`The gateway must send ${pair[0]} and ${pair[1]} once each.`);
  }
  return { ok: true, method: called, target, url: urlOf(req, target, 'x-forwarded-host') };
}

/** The value of a header that is there exactly once. */
export function single(req: IncomingMessage, name: string): string | undefined {
  const values = req.headersDistinct[name];
  return values?.length === 1 ? values[0] : undefined;
}

function urlOf(req: IncomingMessage, target: string, hostHeader: string): string | undefined {
  const host = single(req, hostHeader);
  const scheme = single(req, 'x-forwarded-proto');
  if (host === undefined || (scheme !== 'https' && scheme !== 'http')) return undefined;
  if (!/^[a-z0-9.-]+(?::\d{1,5})?$|^\[[0-9a-f:]+\](?::\d{1,5})?$/i.test(host)) return undefined;
  const [path = ''] = target.split('?', 1);
  return URL.parse(`${scheme}://${host}${path}`)?.href;
}

function fault(sentence: string): CheckedCall {
  return { ok: false, sentence };
}
