import { createHash, randomUUID } from 'node:crypto';
import { misuseEvent } from '../../src/developers/apis/reports/misuse-event.ts';
import { addReportKey } from '../../src/developers/apis/reports/report-keys.ts';
import type { Platform } from '../../src/platform/platform.ts';
import { aSigningKey, type SigningKey, signed } from './assertions.ts';
import { ok } from './developers.ts';
import { type Notes, OPERATOR } from './world.ts';

/** An API with a registered key that it signs its reports with. */
export interface Reporting {
  readonly api: Notes;
  readonly key: SigningKey;
  readonly kid: string;
}

export async function aReporter(
  platform: Platform,
  api: Notes,
  key: SigningKey = aSigningKey(),
): Promise<Reporting> {
  const input = { holderId: api.clientId, label: 'Gateway', keys: JSON.stringify(key.jwk) };
  const { added } = ok(await addReportKey(platform, OPERATOR, input));
  return { api, key, kid: added[0]?.kid ?? '' };
}

export function digestOfToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

type Parts = Readonly<Record<string, unknown>>;

export interface SetChanges {
  readonly claims?: Parts;
  readonly header?: Parts;
  readonly event?: Parts;
  readonly key?: SigningKey;
}

/** A sound report of this token, changed; undefined leaves out what a sound one has. */
export function setOf(
  issuer: string,
  { api, key, kid }: Reporting,
  token: string,
  changes: SetChanges = {},
): string {
  const event = { token_digest: digestOfToken(token), reason: 'harvesting', ...changes.event };
  const claims = {
    ...{ iss: api.identifier, aud: issuer, iat: Math.floor(Date.now() / 1000), jti: randomUUID() },
    events: { [misuseEvent(issuer)]: event },
    ...changes.claims,
  };
  return signed(changes.key ?? key, claims, { typ: 'secevent+jwt', kid, ...changes.header });
}

export const SET_TYPE = 'application/secevent+jwt';

export async function sendSet(
  issuer: string,
  set: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; err: unknown; text: string; headers: Headers }> {
  const answer = await fetch(`${issuer}/security-events`, {
    method: 'POST',
    headers: { 'Content-Type': SET_TYPE, ...headers },
    body: set,
  });
  const text = await answer.text();
  const err = text.startsWith('{') ? (JSON.parse(text) as { err?: unknown }).err : undefined;
  return { status: answer.status, err, text, headers: answer.headers };
}
