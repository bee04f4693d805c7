import type { SignalName } from '../defense/signals/catalogue.ts';
import { noteSignal } from '../defense/signals/note.ts';
import type { Subject } from '../defense/signals/subject.ts';
import type { Platform } from '../platform/platform.ts';
import type { LiveToken, OwnReason } from './check-answer.ts';
import type { AnsweredCheck } from './check-notes.ts';
import type { CheckingCaller } from './checking-caller.ts';

/** What a refusal says of whoever came with the token. */
const OF_TOKEN: Partial<Record<OwnReason, SignalName>> = {
  rate: 'rate-refused',
  'people-cap': 'cap-refused',
  'insufficient-scope': 'route-refused',
  'not-listed': 'route-refused',
};

/** Notes a check on whom it was proven against: never on whoever a token that was not live merely names. */
export function noteSignals(
  platform: Platform,
  { answer, call }: AnsweredCheck,
  { api, proven }: CheckingCaller,
): void {
  const { found } = answer;
  // A gateway passes on whatever visitors send: of tokens that are not for the API nothing follows about the API.
  if (!proven || found?.state !== 'live' || found.token.audience !== api.identifier) return;
  const { clientId, accountId } = found.token;
  const access: Subject = { kind: 'access', id: `${clientId} ${api.id}` };
  if (answer.status === 200) {
    noteSignal(platform, { signal: 'calls', subject: { kind: 'client', id: clientId } });
    noteSignal(platform, { signal: 'calls', subject: access });
    if (accountId !== undefined)
      noteSignal(platform, { signal: 'people-reached', subject: access, member: accountId });
    return;
  }
  const signal = OF_TOKEN[answer.reason as OwnReason];
  if (!signal) return;
  const member =
    signal === 'cap-refused' ? accountId : call.ok ? `${call.method} ${answer.reason}` : undefined;
  noteSignal(platform, { signal, subject: behind(found) ?? access, member });
}

/** A person's token may be in other hands than its app's: what it does counts against its grant alone. */
function behind({ grantId }: LiveToken): Subject | undefined {
  return grantId === undefined ? undefined : { kind: 'grant', id: grantId };
}
