import type { ProtocolCall } from '../developers/insights/protocol-call.ts';
import { noteRequest } from '../developers/insights/request-log.ts';
import { noteUsage } from '../developers/insights/usage-notes.ts';
import type { Platform } from '../platform/platform.ts';
import type { Context } from '../platform/web/context.ts';
import { noteUse } from '../tokens/last-used.ts';
import { type CheckAnswer, type CheckReason, isOfAccess, type OwnReason } from './check-answer.ts';
import type { CheckedCall } from './checked-call.ts';
import type { CheckingCaller } from './checking-caller.ts';
import { checkFacts } from './check-facts.ts';
import { noteSignals } from './check-signals.ts';

/** A check that was answered, with what it was about. */
export interface AnsweredCheck {
  readonly caller: CheckingCaller | undefined;
  readonly call: CheckedCall;
  readonly answer: CheckAnswer;
  /** By performance.now(). */
  readonly began: number;
}

/** Feeds metrics, request log, usage and signals, in memory. Whatever goes wrong is no reason to spoil an answer. */
export function noteCheck(platform: Platform, ctx: Context, check: AnsweredCheck): void {
  try {
    const labels = { endpoint: 'check', http_response_status_code: String(check.answer.status) };
    platform.metrics.protocolCalls.inc(labels);
    const { caller } = check;
    if (!caller) return;
    tellApi(platform, ctx, check, caller);
    if (caller.proven) tellApp(platform, ctx, check);
    noteSignals(platform, check, caller);
  } catch (err) {
    platform.log.error({ requestId: ctx.state.requestId, err }, 'a check was not noted');
  }
}

/** The API's members see the call as their gateway asked it, with the person as the API knows them. */
function tellApi(
  platform: Platform,
  ctx: Context,
  check: AnsweredCheck,
  { api, proven }: CheckingCaller,
): void {
  const { answer } = check;
  const subject = answer.status === 200 ? answer.subject : undefined;
  const call = callOf(platform, ctx, check, { clientId: api.clientId, proven, subject });
  if (proven) noteUsage(platform, { ...call, milliseconds: call.micros / 1000 });
  noteRequest(platform, call);
}

/** The app's members see what their own token met with, and nothing of the gateway or the API's own subjects. */
function tellApp(platform: Platform, ctx: Context, check: AnsweredCheck): void {
  const { found } = check.answer;
  if (!found || found.state === 'unknown') return;
  const clientId = found.state === 'live' ? found.token.clientId : found.clientId;
  if (clientId === undefined) return;
  const call = callOf(platform, ctx, check, { clientId, proven: true, subject: undefined });
  noteRequest(platform, call);
  // A token for another API was no use of this one.
  if (check.answer.status === 200 || check.answer.reason !== 'token-invalid')
    noteUsage(platform, { ...call, milliseconds: call.micros / 1000 });
  if (check.answer.status === 200 && found.state === 'live' && found.grantId !== undefined)
    noteUse(platform, found.grantId);
}

function callOf(
  platform: Platform,
  ctx: Context,
  check: AnsweredCheck,
  { clientId, proven, subject }: Pick<ProtocolCall, 'clientId' | 'proven' | 'subject'>,
): ProtocolCall {
  const { answer, began, caller } = check;
  const error = answer.status === 200 ? undefined : errorOf(answer.reason);
  return {
    at: platform.clock.now(),
    clientId,
    proven,
    endpoint: 'check',
    grantType: undefined,
    status: answer.status,
    error,
    inactive: false,
    micros: Math.round((performance.now() - began) * 1000),
    requestId: ctx.state.requestId,
    subject,
    tokens: 0,
    redirectUri: undefined,
    facts: () => checkFacts(ctx, check, { forApi: clientId === caller?.api.clientId, subject }),
  };
}

/** As they are counted and filtered by. */
const ERRORS: Readonly<Record<OwnReason, string>> = {
  'api-credentials': 'invalid_client',
  'gateway-request': 'gateway_request',
  'no-token': 'invalid_token',
  'token-invalid': 'invalid_token',
  'proof-invalid': 'invalid_dpop_proof',
  'weak-sign-in': 'insufficient_user_authentication',
  'not-a-tester': 'access_denied',
  'scope-not-held': 'insufficient_scope',
  'odd-method': 'odd_call',
  'odd-path': 'odd_call',
  'not-listed': 'route_not_listed',
  'insufficient-scope': 'insufficient_scope',
  rate: 'rate_limited',
  'people-cap': 'people_cap',
};

/** What the access decision refuses keeps its own reason among the facts. */
function errorOf(reason: CheckReason): string {
  return isOfAccess(reason) ? 'access_denied' : ERRORS[reason];
}
