import type { CallFacts } from '../developers/insights/call-facts.ts';
import { redactHeaders } from '../developers/insights/redaction.ts';
import type { Context } from '../platform/web/context.ts';
import { networksOf } from '../platform/web/networks.ts';
import type { AnsweredCheck } from './check-notes.ts';
import { type CheckAnswer, type Denial, isOfAccess } from './check-answer.ts';

/** What the inspector may know of a check: for the API as its gateway asked, for the app as its own call met with it. */
export function checkFacts(
  ctx: Context,
  { call, answer }: AnsweredCheck,
  { forApi, subject }: { readonly forApi: boolean; readonly subject: string | undefined },
): CallFacts {
  const headers = redactHeaders(ctx.headers);
  const denial = answer.status === 200 ? undefined : answer;
  const artifact = artifactOf(answer);
  return {
    method: call.ok && /^[A-Z]{3,20}$/.test(call.method) ? call.method : '-',
    path: call.ok ? maskedPath(call.target) : '/check',
    from: forApi ? networksOf(ctx.state.address).wide : 'gateway',
    // What an app sent comes through the gateway; what the gateway adds is the API's alone.
    headers: forApi ? headers : headers.filter(([name]) => name === 'authorization' || name === 'dpop'),
    params: [],
    answer: [],
    auth: ctx.get('Gatehouse-Api') === '' ? 'none' : 'basic',
    ...(subject !== undefined && { subject }),
    ...(denial && { description: denial.sentence }),
    ...(denial?.reason === 'api-credentials' && { detail: 'invalid secret provided' }),
    ...(artifact && { artifact }),
    ...(denial && reasonOf(denial)),
  };
}

function reasonOf({ reason, found }: Denial): Partial<CallFacts> {
  if (reason === 'token-invalid') return { inactive: found?.state === 'live' ? 'other-audience' : 'ended' };
  return isOfAccess(reason) ? { access: reason } : {};
}

function artifactOf({ found }: CheckAnswer): CallFacts['artifact'] {
  if (!found || found.state === 'unknown') return undefined;
  return { kind: 'access', state: found.state === 'live' ? 'sound' : found.state };
}

/** A path of an API may name a person or a thing of theirs. Words stay, everything else becomes `…`. */
function maskedPath(target: string): string {
  const [path = ''] = target.split('?', 1);
  const segments = path.split('/').slice(0, 10);
  return segments
    .map((segment) => (/^(?:[a-z]{1,24}(?:[_-][a-z]{1,24}){0,3}|v\d{1,2})?$/i.test(segment) ? segment : '…'))
    .join('/');
}
