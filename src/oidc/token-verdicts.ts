import type { Words } from '../platform/words/text-keys.ts';

/** One question about a token, in the order in which an API asks them. */
export interface TokenCheck {
  readonly check: 'form' | 'known' | 'signature' | 'audience' | 'alive' | 'access' | 'scope' | 'key';
  readonly passed: boolean;
  readonly words: Words;
}

export function checkScope(held: readonly string[], wanted: string | undefined): TokenCheck {
  const scopes = held.length > 0 ? held.join(' ') : '-';
  const fits = wanted === undefined ? held.length > 0 : held.includes(wanted);
  return fits
    ? passed('scope', { key: 'developer-apis.check-scope', values: { scopes } })
    : failed('scope', { key: 'developer-apis.check-scope-missing', values: { scopes } });
}

export function passed(check: TokenCheck['check'], words: Words): TokenCheck {
  return { check, passed: true, words };
}

export function failed(check: TokenCheck['check'], words: Words): TokenCheck {
  return { check, passed: false, words };
}
