import type { SignalName } from '../defense/signals/catalogue.ts';
import type { AccessRefusal } from '../developers/access/decide-access.ts';
import { digestOf } from '../platform/crypto/secrets.ts';
import type { Context } from '../platform/web/context.ts';
import { isInactive } from './call-facts.ts';
import type { EngineCall } from './protocol-call.ts';
import type { RequestScope } from './request-scope.ts';

/** What was wrong with a request, as the watch counts it. */
export interface Misuse {
  readonly signal: SignalName;
  /** Which of the distinct others it was about. */
  readonly member?: string | undefined;
  /** Somebody presented a person's code or token, of the client named: whoever holds it did this. */
  readonly ofToken?: boolean;
}

/** The one signal of a request that went wrong in a way that may be misuse; undefined for all others. */
export function misuseIn(ctx: Context, oidc: EngineCall, scope: RequestScope): Misuse | undefined {
  // The paused client's own servers, most likely: they cannot prove it now.
  if (scope.noted.suspended !== undefined) return undefined;
  if (ctx.status === 429 && scope.noted.slowed) return { signal: 'rate-refused', ofToken: true };
  if (ctx.status === 429) return { signal: scope.noted.authenticated ? 'rate-refused' : 'limit-refused' };
  if (scope.noted.lost === 'replayed') return { signal: 'proof-replay', ofToken: holdsToken(oidc, scope) };
  if (oidc.route === 'introspection' && ctx.status === 200) return misuseOfIntrospection(ctx, oidc, scope);
  switch (errorIn(ctx, scope)) {
    case 'invalid_client':
      return { signal: 'failed-authentication', member: clientNamed(oidc) };
    case 'invalid_grant':
      return misuseOfGrant(oidc, scope);
    case 'invalid_scope':
    case 'invalid_target':
      return misuseOfScope(oidc, scope);
    case 'access_denied':
      return denial(oidc, scope);
    default:
      return misuseOfRedirect(oidc, scope);
  }
}

function errorIn({ body }: Context, { noted }: RequestScope): string | undefined {
  const { error } = (body ?? {}) as { error?: unknown };
  return typeof error === 'string' ? error : noted.failure?.error;
}

function misuseOfIntrospection(
  ctx: Context,
  { params }: EngineCall,
  { noted }: RequestScope,
): Misuse | undefined {
  if (!isInactive(ctx.body)) return undefined;
  const { token } = params ?? {};
  const member = typeof token === 'string' ? digestOf(token).toString('base64url') : undefined;
  if (noted.foreign) return { signal: 'foreign-introspection', member };
  return noted.artifact || noted.failure ? undefined : { signal: 'unknown-token', member };
}

function clientNamed({ client, params }: EngineCall): string | undefined {
  const named = client?.clientId ?? params?.client_id;
  return typeof named === 'string' ? named : undefined;
}

function misuseOfGrant(oidc: EngineCall, scope: RequestScope): Misuse {
  const { artifact, lost, failure } = scope.noted;
  const spent = lost === 'spent' || artifact?.spent === true;
  const member = artifact?.grantId;
  const ofToken = holdsToken(oidc, scope);
  if (spent && artifact?.kind === 'code') return { signal: 'code-replay', member, ofToken };
  if (spent && artifact?.kind === 'refresh') return { signal: 'refresh-reuse', member, ofToken };
  if (failure?.error_detail?.includes('redirect_uri mismatch')) return { signal: 'code-mismatch' };
  // Whoever opens an app's callback chooses the code that it presents: no rule counts that against the app.
  return { signal: oidc.params?.grant_type === 'authorization_code' ? 'invalid-code' : 'invalid-grant' };
}

/** A code or token of another client is no proof of anything. */
function holdsToken({ client }: EngineCall, { noted: { artifact } }: RequestScope): boolean {
  return client !== undefined && artifact?.clientId === client.clientId;
}

/** Reasons that say nothing of what was asked for. */
const NO_PROBE: ReadonlySet<AccessRefusal | undefined> = new Set([
  'client-suspended',
  'access-suspended',
  'writes-suspended',
  'access-ended',
  'terms-not-accepted',
] as const);

function misuseOfScope({ params }: EngineCall, { noted }: RequestScope): Misuse | undefined {
  if (NO_PROBE.has(noted.access)) return undefined;
  const { scope, resource } = params ?? {};
  return { signal: 'scope-refused', member: `${[resource].flat().join(' ')} ${String(scope ?? '')}` };
}

/** A person who is signed in said no to the client. */
function denial({ route }: EngineCall, { browserSession }: RequestScope): Misuse | undefined {
  if (route !== 'resume' || browserSession === undefined) return undefined;
  return { signal: 'consent-denied', member: browserSession.accountId };
}

function misuseOfRedirect({ params }: EngineCall, { noted: { failure } }: RequestScope): Misuse | undefined {
  if (!failure?.error_description?.startsWith('redirect_uri did not match')) return undefined;
  const { redirect_uri: uri } = params ?? {};
  return { signal: 'redirect-mismatch', member: typeof uri === 'string' ? uri : undefined };
}
