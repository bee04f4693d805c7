import { createHash } from 'node:crypto';
import type { Call, Place } from './http.ts';
import type { Person } from './people.ts';

/** A client or API and what it authenticates with; no secret means a public client. */
export interface Party {
  readonly id: string;
  readonly secret?: string;
}

/** A server under measurement with everything a caller needs to know of it. Plain data: it is sent to the loader. */
export interface Target {
  readonly name: 'gatehouse' | 'c0';
  readonly place: Place;
  /** Who signs in; absent where everybody is signed in. */
  readonly person?: Person;
  /** PKCE: one for all codes, since what is measured is the check and not the app's randomness. */
  readonly verifier: string;
  /** Uses client credentials. */
  readonly machine: Party;
  /** A confidential first-party web app: its refresh tokens do not rotate. */
  readonly web: Party;
  /** A public first-party app: its refresh tokens rotate. */
  readonly browserApp: Party;
  /** The API with opaque tokens, which introspects. */
  readonly api: Party;
}

export const OPAQUE_API = 'https://calendar.bench.example';
export const JWT_API = 'https://reports.bench.example';
export const API_SCOPE = 'calendar:read';
export const JWT_SCOPE = 'reports:read';
export const USER_SCOPES = `openid offline_access ${API_SCOPE}`;
export const REDIRECT_URI = 'http://localhost:4999/callback';

export function authorizePath({ verifier }: Target, client: Party): string {
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const query = new URLSearchParams({
    client_id: client.id,
    response_type: 'code',
    redirect_uri: REDIRECT_URI,
    scope: USER_SCOPES,
    resource: OPAQUE_API,
    state: 'bench',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  });
  return `/authorize?${query}`;
}

export function exchangeCall({ verifier }: Target, client: Party, code: string): Call {
  return asParty(client, '/token', {
    grant_type: 'authorization_code',
    code,
    redirect_uri: REDIRECT_URI,
    code_verifier: verifier,
  });
}

export function refreshCall(client: Party, token: string): Call {
  return asParty(client, '/token', { grant_type: 'refresh_token', refresh_token: token });
}

export function introspectionCall(caller: Party, token: string): Call {
  return asParty(caller, '/token/introspection', { token });
}

/** As nginx asks about a call that reads. */
export function checkCall({ id, secret }: Party, token: string): Call {
  return {
    method: 'GET',
    path: '/check?deny=403',
    headers: {
      'gatehouse-api': `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
      authorization: `Bearer ${token}`,
      'x-original-method': 'GET',
      'x-original-uri': '/calendars/17/events?page=2',
    },
  };
}

export function clientCredentialsCall(client: Party, resource: string, scope: string): Call {
  return asParty(client, '/token', { grant_type: 'client_credentials', resource, scope });
}

/** RFC 6749 §2.3.1; ids and secrets here need no percent-encoding. */
function asParty({ id, secret }: Party, path: string, fields: Record<string, string>): Call {
  if (secret === undefined) {
    return { method: 'POST', path, form: `${new URLSearchParams({ ...fields, client_id: id })}` };
  }
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  return { method: 'POST', path, headers: { authorization }, form: `${new URLSearchParams(fields)}` };
}
