import type { SignalName } from '../defense/signals/catalogue.ts';
import { noteSignal } from '../defense/signals/note.ts';
import type { Subject } from '../defense/signals/subject.ts';
import { PERSONAL_TOKENS_CLIENT } from '../developers/access/personal-access.ts';
import { sectorOf } from '../developers/clients/registered-client.ts';
import type { ProtocolCall } from '../developers/insights/protocol-call.ts';
import { networksOf } from '../platform/web/networks.ts';
import type { Platform } from '../platform/platform.ts';
import type { Context } from '../platform/web/context.ts';
import { type Misuse, misuseIn } from './call-misuse.ts';
import type { EngineCall } from './protocol-call.ts';
import { registered } from './registered-clients.ts';
import type { Noted, RequestScope } from './request-scope.ts';

/** Tells the watch of a served request: how much was done, and what was wrong with it, on whoever proved to have done it. */
export function noteCallSignals(
  platform: Platform,
  ctx: Context,
  scope: RequestScope,
  call: ProtocolCall | undefined,
): void {
  const { oidc } = ctx as unknown as { oidc: EngineCall };
  const caller = callerOf(oidc, scope);
  if (call?.proven && caller) noteWork(platform, call, caller, scope.noted);
  const misuse = misuseIn(ctx, oidc, scope);
  if (!misuse) return;
  const { signal, member } = misuse;
  // One publisher, who makes as many apps and sign-ins as they like, must not get a whole account paused: there those who
  // own the apps are told apart.
  const owner = oidc.client && sectorOf(registered(oidc.client));
  for (const subject of whoMisused(misuse, caller, scope, ctx))
    noteSignal(platform, { signal, subject, member: subject.kind === 'account' ? owner : member });
  if (misuse.ofToken && !caller?.own) noteOneOfMany(platform, ctx, scope);
}

/** The client that a request is about, and whether it showed its own secret or key: a token of a person is not enough. */
interface Caller {
  readonly subject: Subject;
  readonly clientId: string;
  readonly own: boolean;
}

function callerOf({ client }: EngineCall, { noted }: RequestScope): Caller | undefined {
  if (!client || !('clientAuthMethod' in client) || client.clientId === PERSONAL_TOKENS_CLIENT)
    return undefined;
  const { clientId } = client;
  const { kind, apiId } = registered(client);
  const subject: Subject =
    kind === 'api' ? { kind, id: apiId ?? clientId } : { kind: 'client', id: clientId };
  // An assertion that was used before proves nothing any more.
  return { subject, clientId, own: noted.authenticated === true && noted.lost !== 'replayed' };
}

function noteWork(
  platform: Platform,
  { endpoint, tokens }: ProtocolCall,
  { subject, own }: Caller,
  { used }: Noted,
): void {
  const note = (signal: SignalName, on: Subject = subject) => noteSignal(platform, { signal, subject: on });
  note('calls');
  if (endpoint === 'token' && own) note('token-calls');
  if (tokens > 0) noteSignal(platform, { signal: 'tokens-issued', subject, count: tokens });
  if (endpoint === 'introspection') note('introspections');
  if (used) noteTokenUse(platform, used);
}

/** An API was told of a token: that is a call of the client at the API, and a person it reached there. */
function noteTokenUse(
  platform: Platform,
  { clientId, apiId, accountId, cap }: NonNullable<Noted['used']>,
): void {
  const access: Subject = { kind: 'access', id: `${clientId} ${apiId}` };
  const note = (signal: SignalName, subject: Subject, member?: string) =>
    noteSignal(platform, { signal, subject, member });
  if (cap) {
    note('cap-refused', access, accountId);
    return;
  }
  note('calls', { kind: 'client', id: clientId });
  note('calls', access);
  if (accountId !== undefined) note('people-reached', access, accountId);
}

/**
 * Whoever merely names a client or an account must never hurt it. With its own secret or key it was the client, at the
 * API it asked for too; with a token of a person it was whoever holds that; else an address, and its network.
 */
function whoMisused(
  { signal, ofToken }: Misuse,
  caller: Caller | undefined,
  { noted }: RequestScope,
  ctx: Context,
): Subject[] {
  // Only for people to look at: no rule counts what a client that is merely named is said to have done.
  if (caller && signal === 'consent-denied') return [caller.subject];
  if (caller?.own && !noted.slowed) {
    const atApi = signal === 'scope-refused' && noted.apiId !== undefined;
    return atApi
      ? [caller.subject, { kind: 'access', id: `${caller.clientId} ${noted.apiId}` }]
      : [caller.subject];
  }
  const { grantId, accountId } = noted.artifact ?? {};
  if (ofToken && grantId !== undefined && accountId !== undefined) {
    return [
      { kind: 'grant', id: grantId },
      { kind: 'account', id: accountId },
    ];
  }
  const { narrow, wide } = networksOf(ctx.state.address);
  return [
    { kind: 'address', id: narrow },
    { kind: 'network', id: wide },
  ];
}

/** Many people's tokens misused together say something of the app that got them, where they are unrelated. */
function noteOneOfMany(platform: Platform, ctx: Context, { noted }: RequestScope): void {
  const { clientId, accountId } = noted.artifact ?? {};
  if (clientId === undefined || accountId === undefined || clientId === PERSONAL_TOKENS_CLIENT) return;
  const subject: Subject = { kind: 'client', id: clientId };
  noteSignal(platform, { signal: 'account-misuse', subject, member: accountId });
  noteSignal(platform, { signal: 'network-misuse', subject, member: networksOf(ctx.state.address).wide });
}
