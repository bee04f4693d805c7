import { inEnglish } from './words/english.ts';
import type { Words } from './words/text-keys.ts';

/**
 * What a request is refused for. Expected outcomes of a rule are returned, not thrown; these are for requests
 * that should not have been made. One edge (web/errors.ts) turns them into a page or problem details.
 */
export type RefusalKind =
  | 'bad-request'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'method-not-allowed'
  | 'conflict'
  | 'gone'
  | 'too-large'
  | 'wrong-media-type'
  | 'misdirected'
  | 'too-many'
  | 'busy';

export const REFUSAL_STATUS: Record<RefusalKind, number> = {
  'bad-request': 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  conflict: 409,
  gone: 410,
  'too-large': 413,
  'wrong-media-type': 415,
  misdirected: 421,
  'too-many': 429,
  busy: 503,
};

/** `words` are said to the visitor: what happened and what to do, never a cause or a secret. */
export class Refusal extends Error {
  readonly kind: RefusalKind;
  readonly words: Words;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    kind: RefusalKind,
    words: Words,
    options: { retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(inEnglish(words), { cause: options.cause });
    this.name = 'Refusal';
    this.kind = kind;
    this.words = words;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** The process cannot start or go on: `sentence` is printed to the operator, `exitCode` ends the process. */
export class StartupFault extends Error {
  readonly sentence: string;
  readonly exitCode: number;

  constructor(sentence: string, options: { exitCode?: number; cause?: unknown } = {}) {
    super(sentence, { cause: options.cause });
    this.name = 'StartupFault';
    this.sentence = sentence;
    this.exitCode = options.exitCode ?? 1;
  }
}
