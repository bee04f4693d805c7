import { rateLimitFields } from '../defense/limits/fields.ts';
import type { Engine } from '../oidc/provider.ts';
import type { Platform } from '../platform/platform.ts';
import type { Context, Handler } from '../platform/web/context.ts';
import { checkCall } from './check.ts';
import { type CheckAnswer, type Denial, deny } from './check-answer.ts';
import { noteCheck } from './check-notes.ts';
import { type CheckedCall, readCheckedCall, single } from './checked-call.ts';
import { type CheckingCaller, findCaller } from './checking-caller.ts';
import { refuseTooMany } from './limit-checks.ts';

/** Any method at /check and /check/…: whether an API should answer a call, for the gateway in front of it. */
export function answerCheck(platform: Platform, engine: Engine): Handler {
  return async (ctx) => {
    const began = performance.now();
    const caller = await findCaller(platform, single(ctx.req, 'gatehouse-api'), ctx.state.address);
    const call = readCheckedCall(ctx.req);
    const answer = await answerOf(platform, engine, ctx, caller, call);
    send(ctx, answer);
    noteCheck(platform, ctx, { caller, call, answer, began });
  };
}

async function answerOf(
  platform: Platform,
  engine: Engine,
  { req, state }: Context,
  caller: CheckingCaller | undefined,
  call: CheckedCall,
): Promise<CheckAnswer> {
  const tooMany = await refuseTooMany(platform, caller, state.address);
  if (tooMany) return tooMany;
  // Said apart from all that is wrong with a token: it is the gateway's fault, and no app can mend it.
  if (!caller?.proven) return deny(401, 'api-credentials', UNPROVEN);
  if (!call.ok) return deny(403, 'gateway-request', call.sentence);
  const authorization = single(req, 'authorization');
  return checkCall(platform, engine, { ...call, api: caller.api, authorization, proof: single(req, 'dpop') });
}

const UNPROVEN =
  'The gateway did not prove which API it asks for. Its header Gatehouse-Api must be "Basic" with the client ID and a secret of the API.';

/** Empty, and nothing for a cache. A visitor could send the headers about the person too, so each is always there. */
function send(ctx: Context, answer: CheckAnswer): void {
  ctx.set('Cache-Control', 'no-store');
  if (answer.rate) {
    const { name = 'access', windowSeconds = 60, limit: budget, left, resetSeconds } = answer.rate;
    rateLimitFields(ctx, name, { budget, windowSeconds }, { ok: true, left, resetSeconds });
  }
  if (answer.status === 200) {
    const { found, subject, scopes } = answer;
    ctx.set('Gatehouse-Subject', subject ?? '');
    ctx.set('Gatehouse-Client', visible(found.token.clientId));
    ctx.set('Gatehouse-Scope', wholeNames(scopes));
    ctx.set('Gatehouse-Expires', String(found.expires));
  } else {
    sendDenial(ctx, answer);
  }
  // The status first: an empty body would make it 204.
  ctx.status = asSeenByGateway(ctx, answer.status);
  ctx.body = '';
  ctx.remove('Content-Type');
}

function sendDenial(ctx: Context, answer: Denial): void {
  const { status, reason, sentence, challenge, retryAfterSeconds } = answer;
  ctx.set('Gatehouse-Status', String(status));
  ctx.set('Gatehouse-Reason', reason);
  ctx.set('Gatehouse-Message', quotable(sentence));
  if (challenge) ctx.set('WWW-Authenticate', challengeOf(answer));
  if (challenge?.nonce !== undefined) ctx.set('DPoP-Nonce', visible(challenge.nonce));
  if (retryAfterSeconds !== undefined) ctx.set('Retry-After', String(Math.ceil(retryAfterSeconds)));
}

/** Some gateways know 401 and 403 alone, and take 429 for a fault of this service. */
function asSeenByGateway({ path, querystring }: Context, status: number): number {
  if (status !== 429 || path !== '/check') return status;
  return new URLSearchParams(querystring).get('deny') === '403' ? 403 : status;
}

function challengeOf({ sentence, challenge = {} }: Denial): string {
  const { error, scope, acr, dpop = false } = challenge;
  const parts = [
    ...(error === undefined ? [] : [`error="${error}"`, `error_description="${quotable(sentence)}"`]),
    ...(scope === undefined ? [] : [`scope="${quotable(scope)}"`]),
    ...(acr ? [`acr_values="${quotable(acr)}"`] : []),
    ...(dpop ? ['algs="ES256 PS256 RS256 Ed25519 EdDSA"'] : []),
  ];
  return [dpop ? 'DPoP' : 'Bearer', parts.join(', ')].join(' ').trim();
}

/** Header values are printable ASCII here, whatever an owner wrote. */
function visible(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, LONGEST_VALUE);
}

const LONGEST_VALUE = 4_000;

/** As many as fit. Half of a name could be the name of another scope: whoever asks chooses their order. */
function wholeNames(names: readonly string[]): string {
  let length = -1;
  return visible(
    names
      .filter((name) => {
        const fits = length + 1 + name.length <= LONGEST_VALUE;
        if (fits) length += 1 + name.length;
        return fits;
      })
      .join(' '),
  );
}

/** So that a gateway may put it between quotes. */
function quotable(text: string): string {
  return visible(text).replace(/["\\]/g, "'");
}
