import type { AdapterPayload } from 'oidc-provider';
import { digestOf } from '../platform/crypto/secrets.ts';
import type { Platform } from '../platform/platform.ts';
import type { ArtifactKind } from '../tokens/write-set.ts';
import { invalidRequest, pushedText } from './internals.ts';
import { currentScope } from './request-scope.ts';

/** Kinds whose payload repeats what a visitor sent. */
const FROM_VISITORS: ReadonlySet<string> = new Set(['request', 'interaction', 'code']);

/** Characters of a stored request. Node takes no longer address either, so this is about pushed ones. */
const LONGEST_REQUEST = 16_384;

/** Where a stored return address names its own interaction. */
const OWN_ID = '{interaction}';

/**
 * A payload as it is stored: without the handle it belongs to and without any other live one (decision 3).
 * Text with a NUL byte, or far too much of it, is refused before anything is stored.
 */
export function payloadAtRest(
  platform: Platform,
  kind: ArtifactKind | 'grant',
  id: string,
  payload: AdapterPayload,
): AdapterPayload {
  const { jti: _handle, ...rest } = payload;
  if (FROM_VISITORS.has(kind)) refuseUnfit(rest);
  return kind === 'interaction' ? interactionAtRest(platform, id, rest) : rest;
}

function refuseUnfit(payload: AdapterPayload): void {
  const text = pushedText(payload) ?? JSON.stringify(payload);
  if (text.includes('\\u0000')) throw invalidRequest('parameters must not contain NUL characters');
  if (text.length > LONGEST_REQUEST) throw invalidRequest('the parameters are too long');
}

/** The reverse of payloadAtRest, for the holder who presented the handle. */
export function payloadInUse(
  platform: Platform,
  kind: ArtifactKind,
  id: string,
  stored: AdapterPayload,
): AdapterPayload {
  const payload = { ...stored, jti: id };
  return kind === 'interaction' ? interactionInUse(platform, id, payload) : payload;
}

/** An interaction names itself in its return address, the session cookie, and a pushed request's handle. */
function interactionAtRest(platform: Platform, id: string, payload: AdapterPayload): AdapterPayload {
  const { session, parJti, params, returnTo } = payload as InteractionPayload;
  return {
    ...payload,
    // It is not bound to a grant: another account may take it on, and the grant may end meanwhile.
    grantId: undefined,
    ...(returnTo && { returnTo: returnTo.replace(id, OWN_ID) }),
    ...(session && { session: { ...session, cookie: undefined } }),
    ...(parJti && { parJti: platform.vault.seal(parJti, pushedRequestPlace(id)) }),
    ...(params && { params: withoutLiveHandles(params) }),
  } as AdapterPayload;
}

/**
 * That somebody signed in for it stays with an interaction; who it was does not. Whoever is signed in when it goes on
 * answers, and the engine, which would end that person's session over the difference, sees none.
 */
function interactionInUse(platform: Platform, id: string, payload: AdapterPayload): AdapterPayload {
  const { parJti, returnTo, result } = payload as InteractionPayload;
  const accountId = currentScope().browserSession?.accountId;
  return {
    ...payload,
    ...(returnTo && { returnTo: returnTo.replace(OWN_ID, id) }),
    ...(result?.login && accountId && { result: { ...result, login: { ...result.login, accountId } } }),
    ...(parJti && { parJti: platform.vault.open(parJti, pushedRequestPlace(id)).toString() }),
  } as AdapterPayload;
}

/** The engine checked the hint's signature when it came in; only what the hint says is needed from here on. */
function withoutLiveHandles(params: Record<string, unknown>): Record<string, unknown> {
  const { request_uri: _spent, id_token_hint: hint, ...rest } = params;
  return typeof hint === 'string'
    ? { ...rest, id_token_hint: hint.slice(0, hint.lastIndexOf('.') + 1) }
    : rest;
}

interface InteractionPayload {
  session?: Record<string, unknown>;
  parJti?: string;
  params?: Record<string, unknown>;
  result?: { login?: Record<string, unknown> };
  returnTo?: string;
}

function pushedRequestPlace(id: string) {
  return { table: 'artifacts', column: 'payload.parJti', row: digestOf(id).toString('hex') };
}
