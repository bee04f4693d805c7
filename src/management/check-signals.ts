import { noteSignal } from '../defense/signals/note.ts';
import type { Subject } from '../defense/signals/subject.ts';
import { normalizeIdentifier } from '../developers/apis/identifier.ts';
import { digestOf } from '../platform/crypto/secrets.ts';
import type { Platform } from '../platform/platform.ts';
import type { CheckReason, Denial, LiveToken } from './check-answer.ts';
import type { AnsweredCheck } from './check-notes.ts';
import type { CheckingCaller } from './checking-caller.ts';

/** Notes a check on whom it was proven against: never on whoever a token that was not live merely names. */
export function noteSignals(
  platform: Platform,
  { answer }: AnsweredCheck,
  { api, proven }: CheckingCaller,
): void {
  if (!proven) return;
  const asking: Subject = { kind: 'api', id: api.id };
  noteSignal(platform, { signal: 'introspections', subject: asking });
  const { found } = answer;
  if (!found) return;
  if (found.state !== 'live' || found.token.audience !== api.identifier) {
    if (answer.status !== 200) noteStrangeToken(platform, asking, answer);
    return;
  }
  const { clientId } = found.token;
  const access: Subject = { kind: 'access', id: `${clientId} ${api.id}` };
  if (answer.status === 200) noteUse(platform, found, access);
  else noteRefusal(platform, answer, found, behind(found, access, api.identifier));
}

/** A gateway passes on whatever visitors send: nobody is to blame for it, but operators may be told. */
function noteStrangeToken(platform: Platform, asking: Subject, { found, presented }: Denial): void {
  if (presented === undefined || (found?.state !== 'live' && found?.state !== 'unknown')) return;
  const signal = found.state === 'live' ? 'foreign-introspection' : 'unknown-token';
  noteSignal(platform, { signal, subject: asking, member: digestOf(presented).toString('base64url') });
}

function noteUse(platform: Platform, { token: { clientId, accountId } }: LiveToken, access: Subject): void {
  noteSignal(platform, { signal: 'calls', subject: { kind: 'client', id: clientId } });
  noteSignal(platform, { signal: 'calls', subject: access });
  if (accountId !== undefined)
    noteSignal(platform, { signal: 'people-reached', subject: access, member: accountId });
}

function noteRefusal(
  platform: Platform,
  { reason, tried }: Denial,
  { token }: LiveToken,
  subject: Subject | undefined,
): void {
  if (!subject) return;
  if (reason === 'rate') noteSignal(platform, { signal: 'rate-refused', subject });
  if (reason === 'people-cap')
    noteSignal(platform, { signal: 'cap-refused', subject, member: token.accountId });
  if (tried && ROUTES.has(reason)) noteSignal(platform, { ...tried, subject });
}

/**
 * A person's token may be in other hands than its app's: what it does counts against its grant alone. Only this API says that
 * it did anything, and must not get paused what the person does at others: a grant for several is not counted.
 */
function behind({ grantId, resources }: LiveToken, access: Subject, identifier: string): Subject | undefined {
  if (grantId === undefined) return access;
  const elsewhere = resources.some((resource) => spelling(resource) !== spelling(identifier));
  return elsewhere ? undefined : { kind: 'grant', id: grantId };
}

/** A request may spell an identifier in another way than it is stored. */
function spelling(resource: string): string {
  const normalized = normalizeIdentifier(resource);
  return normalized.ok ? normalized.identifier : resource;
}

/** Where the access itself took a scope away, its refusal is told instead, and nobody tried a route. */
const ROUTES: ReadonlySet<CheckReason> = new Set(['not-listed', 'odd-path', 'insufficient-scope'] as const);
