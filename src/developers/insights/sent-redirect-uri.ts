import { domainToUnicode } from 'node:url';
import type { Platform } from '../../platform/platform.ts';
import { recognizeCause } from './recognize-cause.ts';
import { LONGEST_URI } from './redaction.ts';
import { findRequest, listRequests } from './request-search.ts';

/** A redirect URI that a request named in vain. */
export interface SentRedirectUri {
  readonly uri: string;
  readonly host: string;
  /** The host in letters, where that is not how it is written. */
  readonly inLetters: string | undefined;
}

/**
 * The redirect URI of a logged request of this app, by request id: exactly as it was sent. Only of requests that the
 * browser of a member made, or the app itself with its secret: anybody else could put one here. Undefined where there is
 * none.
 */
export async function findSentRedirectUri(
  platform: Platform,
  clientId: string,
  requestId: string,
): Promise<SentRedirectUri | undefined> {
  const filter = { requestId, result: 'failed' } as const;
  const { requests } = await listRequests(platform, clientId, filter);
  for (const { key, proven } of requests) {
    const request = proven ? await findRequest(platform, clientId, key) : undefined;
    if (!request?.facts || recognizeCause({ ...request, facts: request.facts }) !== 'redirect-uri') continue;
    const uri = request.facts.params.find(([name]) => name === 'redirect_uri')?.[1];
    if (uri !== undefined && uri.length <= LONGEST_URI) return { uri, ...hostOf(uri) };
  }
  return undefined;
}

function hostOf(uri: string): Omit<SentRedirectUri, 'uri'> {
  const host = URL.parse(uri)?.host ?? '';
  const letters = domainToUnicode(URL.parse(uri)?.hostname ?? '');
  return { host, inLetters: /(^|\.)xn--/.test(host) && letters !== '' ? letters : undefined };
}
