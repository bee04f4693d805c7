import type { Field } from './call-facts.ts';

/** Parameters whose values are no secret and nothing about a person. Every other value is masked, known or not. */
const SHOWN_PARAMS: ReadonlySet<string> = new Set([
  ...[
    'client_id',
    'redirect_uri',
    'response_type',
    'response_mode',
    'scope',
    'resource',
    'prompt',
    'max_age',
  ],
  ...['acr_values', 'code_challenge', 'code_challenge_method', 'grant_type', 'token_type_hint', 'display'],
  ...['post_logout_redirect_uri', 'ui_locales', 'client_assertion_type', 'dpop_jkt'],
]);

/** The same for what we answer. */
const SHOWN_IN_ANSWERS: ReadonlySet<string> = new Set([
  ...[
    'error',
    'error_description',
    'error_uri',
    'token_type',
    'expires_in',
    'scope',
    'active',
    'aud',
    'iss',
    'exp',
  ],
  ...['iat', 'client_id', 'sub', 'acr', 'auth_time'],
]);

const SHOWN_HEADERS: readonly string[] = ['content-type', 'accept', 'origin', 'user-agent'];

const MOST_FIELDS = 40;
const LONGEST_NAME = 60;
const LONGEST_VALUE = 300;
/** A redirect URI is shown and registered verbatim, and no longer one can be registered. */
export const LONGEST_URI = 2_000;
/** Our own handles and anything of the form of a JWT, wherever they were put by mistake. */
const SECRETS = /gate_[a-z]+_[A-Za-z0-9_-]{16,}|ey[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.?[A-Za-z0-9_-]*/g;

export function redactParams(params: Readonly<Record<string, unknown>>): Field[] {
  return redact(params, SHOWN_PARAMS);
}

export function redactAnswer(answer: Readonly<Record<string, unknown>>): Field[] {
  return redact(answer, SHOWN_IN_ANSWERS);
}

export function redactHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Field[] {
  const shown = SHOWN_HEADERS.flatMap((name): Field[] => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, legible(value, LONGEST_VALUE)]] : [];
  });
  const { authorization, dpop } = headers;
  if (typeof authorization === 'string') shown.push(['authorization', maskedAuthorization(authorization)]);
  if (typeof dpop === 'string') shown.push(['dpop', masked(dpop)]);
  return shown;
}

/** Where a browser was sent, with the parameters it takes along. */
export function redactLocation(location: string): Field[] {
  const cut = location.search(/[?#]/);
  if (cut < 0) return [['location', legible(location, LONGEST_URI)]];
  const params = Object.fromEntries(new URLSearchParams(location.slice(cut + 1)));
  return [['location', legible(location.slice(0, cut), LONGEST_URI)], ...redactAnswer(params)];
}

/**
 * Text without anything that could hide, turn text around or leave its line: printable ASCII as it is, the rest as
 * `\u{…}`. Handles and JWTs are masked wherever they stand.
 */
export function legible(value: string, longest: number): string {
  const cut = value.length > longest ? `${value.slice(0, longest)}…` : value;
  return escaped(cut.replace(SECRETS, masked));
}

function escaped(value: string): string {
  return value.replace(/[^\x20-\x7e…]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

function masked(value: string): string {
  return `[masked, ${value.length} characters]`;
}

function redact(values: Readonly<Record<string, unknown>>, shown: ReadonlySet<string>): Field[] {
  const fields: Field[] = [];
  for (const [name, value] of Object.entries(values)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one === undefined || one === null) continue;
      if (fields.length === MOST_FIELDS) return [...fields, ['…', '']];
      fields.push([legible(name, LONGEST_NAME), shown.has(name) ? shownValue(name, one) : maskedValue(one)]);
    }
  }
  return fields;
}

function shownValue(name: string, value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return legible(text, name.endsWith('_uri') ? LONGEST_URI : LONGEST_VALUE);
}

function maskedValue(value: unknown): string {
  return masked(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
}

/** Of Basic authentication the client id is shown; it says who was meant. */
function maskedAuthorization(header: string): string {
  const [, scheme = '', credentials = ''] = /^(\S{1,20})\s+(.*)$/s.exec(header) ?? [];
  if (scheme.toLowerCase() !== 'basic') return `${legible(scheme, 20)} ${masked(credentials)}`.trim();
  const [id = ''] = Buffer.from(credentials, 'base64').toString().split(':', 1);
  return `Basic ${/^(?:app|api)_[a-z0-9]{1,40}$/.test(id) ? id : masked(id)}:[masked]`;
}
