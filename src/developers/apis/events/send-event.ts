import type { Platform } from '../../../platform/platform.ts';
import { type FetchFailure, guardedRequest } from '../../../platform/web/guarded-fetch.ts';
import { type SigningTarget, signedHeaders } from './event-secret.ts';

/** For all of it: name, connection, answer. Documented beside the snippet. */
export const ANSWER_MS = 10_000;
/** An answer is read to its end and thrown away. */
const LARGEST_ANSWER = 64 * 1024;

/** What a target answered. */
export interface SendResult {
  /** HTTP status; 0 where nothing answered that we may reach. */
  readonly status: number;
  /** 2xx, and nothing else, says that it was taken. */
  readonly taken: boolean;
  /** It was not asked, because it failed several times in a row just now. */
  readonly resting: boolean;
  /** Why nothing answered, in words for its owners. */
  readonly sentence: string | undefined;
}

const SENTENCES: Readonly<Record<FetchFailure['reason'], string>> = {
  refused:
    'Events go to https addresses alone, on port 443 or from 1024 up and without a user name, such as https://api.example.com/gatehouse-events.',
  unreachable:
    'Nothing answered there. It must answer within five seconds, over https with a valid certificate, and be on the public internet.',
  resting: 'This address failed several times in a row. It is left alone for a minute; try again then.',
  redirected: 'The address answers with a redirect, which is not followed. Give the address it leads to.',
  encoded: 'The address answers compressed although it was asked not to. It must send plain bytes, or none.',
  'too-large': 'The address answers with more than is read from there. An empty answer is enough.',
};

/** Signs a message for this moment and sends it once. Of the answer only its status is looked at. */
export async function sendEvent(
  platform: Platform,
  target: SigningTarget & { readonly url: string },
  message: { readonly messageId: string; readonly body: string },
): Promise<SendResult> {
  const headers = { 'content-type': 'application/json', ...signedHeaders(platform, target, message) };
  const answer = await guardedRequest(platform, target.url, {
    ...{ method: 'POST', headers, body: message.body },
    ...{ maxBytes: LARGEST_ANSWER, timeoutMs: ANSWER_MS },
  });
  if (answer.ok) {
    const { status } = answer;
    return { status, taken: status >= 200 && status < 300, resting: false, sentence: undefined };
  }
  const { reason } = answer;
  return { status: 0, taken: false, resting: reason === 'resting', sentence: SENTENCES[reason] };
}
