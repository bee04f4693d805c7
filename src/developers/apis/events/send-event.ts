import type { Platform } from '../../../platform/platform.ts';
import { guardedRequest } from '../../../platform/web/guarded-fetch.ts';
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
  const { reason, sentence } = answer;
  return { status: 0, taken: false, resting: reason === 'resting', sentence };
}
