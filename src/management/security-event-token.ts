import { z } from 'zod';
import { misuseEvent } from '../developers/apis/reports/misuse-event.ts';
import { REPORT_REASONS } from '../developers/apis/reports/reports.ts';
import { ASSERTION_ALGORITHMS } from '../developers/clients/credentials/public-keys.ts';

/** Error codes of RFC 8935 §2.4. */
export type SetError =
  | 'invalid_request'
  | 'invalid_key'
  | 'invalid_audience'
  | 'authentication_failed'
  | 'access_denied';

export interface SetFault {
  readonly ok: false;
  readonly err: SetError;
  readonly description: string;
  readonly retryAfterSeconds?: number;
}

export function setFault(err: SetError, description: string): SetFault {
  return { ok: false, err, description };
}

/** Nothing here is to be believed before the signature was found right with a key of the issuer. */
export interface ReadSet {
  readonly ok: true;
  readonly alg: string;
  readonly kid: string;
  readonly issuer: string;
  readonly claims: unknown;
}

const Head = z.object({ typ: z.string(), alg: z.string(), kid: z.string().min(1).max(128) });
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** A compact JWS (RFC 7515 §7.1) that says it is a SET (RFC 8417 §2.3), with the algorithm and key it names. */
export function readSet(text: string): ReadSet | SetFault {
  const [head = '', body = ''] = COMPACT.test(text) ? text.split('.') : [];
  const header = decoded(head);
  const claims = decoded(body);
  if (!isObject(header) || !isObject(claims))
    return setFault('invalid_request', 'The body is not a signed SET.');
  const judged = Head.safeParse(header);
  // A token made for another purpose carries another type, whoever signed it (RFC 8725 §3.11).
  if (!judged.success || judged.data.typ.toLowerCase() !== 'secevent+jwt') {
    return setFault('invalid_request', 'The header must have typ "secevent+jwt", alg and kid.');
  }
  if ('crit' in header || 'b64' in header)
    return setFault('invalid_request', 'No header parameter may be critical.');
  const { alg, kid } = judged.data;
  if (!ASSERTION_ALGORITHMS.some((one) => one === alg)) {
    return setFault('invalid_key', `The algorithm must be one of ${ASSERTION_ALGORITHMS.join(', ')}.`);
  }
  if (typeof claims.iss !== 'string')
    return setFault('invalid_request', 'iss must be the identifier of the API.');
  return { ok: true, alg, kid, issuer: claims.iss, claims };
}

/** Read later than sent, and sent again after a failure: so long a SET is taken. Clocks differ by a minute. */
const OLDEST_SECONDS = 3600;
const AHEAD_SECONDS = 60;

const PLAIN = /^[^\p{C}\p{Zl}\p{Zp}]*$/u;

const Event = z
  .strictObject({
    token_digest: z
      .string()
      .regex(/^[\w-]{43}$/)
      .optional(),
    token: z.string().max(8_000).regex(COMPACT).optional(),
    reason: z.enum(REPORT_REASONS),
    note: z.string().trim().max(500).regex(PLAIN).optional(),
  })
  .refine((event) => (event.token === undefined) !== (event.token_digest === undefined));

const Claims = z.object({
  aud: z.union([z.string(), z.array(z.string()).length(1)]).transform((aud) => [aud].flat()[0]),
  iat: z.number(),
  exp: z.number().optional(),
  jti: z.string().regex(/^[\x21-\x7e]{1,255}$/),
  events: z.record(z.string(), z.unknown()),
});

/** What an API reports, in a SET whose signature was found right. */
export interface JudgedSet {
  readonly ok: true;
  readonly jti: string;
  readonly event: z.infer<typeof Event>;
}

/** The claims of RFC 8417 §2.2 with exactly one event, ours. `now` in seconds since 1970. */
export function judgeSet(claims: unknown, issuer: string, now: number): JudgedSet | SetFault {
  const judged = Claims.safeParse(claims);
  if (!judged.success) {
    const [issue] = judged.error.issues;
    return setFault('invalid_request', `The claim ${String(issue?.path[0] ?? '')} is missing or malformed.`);
  }
  const { aud, iat, exp, jti, events } = judged.data;
  if (aud !== issuer) return setFault('invalid_audience', `aud must be ${issuer} alone.`);
  if (iat > now + AHEAD_SECONDS || iat < now - OLDEST_SECONDS) {
    return setFault(
      'invalid_request',
      'iat must lie within the last hour, at most a minute ahead of our clock.',
    );
  }
  if (exp !== undefined && exp <= now) return setFault('invalid_request', 'The SET has expired (exp).');
  const name = misuseEvent(issuer);
  if (Object.keys(events).length !== 1 || !Object.hasOwn(events, name)) {
    return setFault('invalid_request', `events must have exactly one member, ${name}.`);
  }
  const event = Event.safeParse(events[name]);
  return event.success ? { ok: true, jti, event: event.data } : setFault('invalid_request', EVENT);
}

const EVENT = `The event must have either token_digest (SHA-256 of an opaque token in base64url, 43 characters) or token (a JWT), a reason (${REPORT_REASONS.join(', ')}), and may have a note of 500 plain characters.`;

function decoded(part: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url')));
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
