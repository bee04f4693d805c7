import { AsyncLocalStorage } from 'node:async_hooks';
import type { LiveSession } from '../accounts/sessions/sessions.ts';
import type { Actor } from '../audit/actor.ts';
import type { Context } from '../platform/web/context.ts';
import type { FoundGrant } from '../tokens/artifact-store.ts';
import type { ConsentEnd } from '../tokens/consent-ends.ts';
import type { FlushOutcome } from '../tokens/flush.ts';
import { type ArtifactKind, newWriteSet, type WriteSet } from '../tokens/write-set.ts';
import type { AccessRefusal } from '../developers/access/decide-access.ts';
import type { InactiveReason } from '../developers/insights/call-facts.ts';
import { ENDPOINTS } from '../developers/endpoints.ts';

/** What one protocol request knows and wants: its write set, and what it has read so far (each thing once). */
export interface RequestScope {
  readonly ctx: Context;
  readonly writes: WriteSet;
  /** Live grants read together with an artifact, by grant id. */
  readonly grants: Map<string, FoundGrant>;
  /** The grant of each artifact found, by hex digest, for when it is spent. */
  readonly grantOf: Map<string, string | null>;
  /** The refresh token that this request rotates; its successor is computed from it. */
  rotating?: string;
  /** Client ids that the access decision has just judged, for a caller that asks nothing else of them. */
  readonly judgedClients: Set<string>;
  /** The kind of an artifact that the request presented although it was spent before. */
  reused?: ArtifactKind;
  /** True once the client proved itself with a signed assertion. */
  assertion?: boolean;
  /** True once the engine failed at the request, even where it tells the app so by a redirect. */
  failed: boolean;
  /** The browser session the engine's session was projected from. */
  browserSession?: LiveSession | undefined;
  /** The end of the consent under which this request gives a grant; undefined where the app needs none. */
  consentEnd?: ConsentEnd | undefined;
  /** For the request log, what else only those on the way know. */
  readonly noted: Noted;
}

/** What became known while a request was served that its answer does not say. */
export interface Noted {
  /** The engine's error; its detail never leaves with the answer. */
  failure?: EngineFailure;
  /** The client presented a secret that fits, or an assertion that its key signed. */
  authenticated?: true;
  /** A client that was named and is suspended, which the engine takes for unknown. */
  suspended?: string;
  /** What the code or token presented turned out to be, and whose it is. */
  artifact?: {
    readonly kind: ArtifactKind;
    readonly clientId: string | undefined;
    readonly grantId?: string | undefined;
    readonly accountId?: string | undefined;
    readonly spent: boolean;
    /** With its grant. */
    readonly ended: boolean;
    readonly expired: boolean;
    /** Of a code: the one it was asked for with. */
    readonly redirectUri?: string | undefined;
  };
  /** Why the access decision went against the client. */
  access?: AccessRefusal;
  /** The API that was asked for last. */
  apiId?: string;
  /** A caller asked about a token that is none of its business. */
  foreign?: true;
  /** An API was told of a token: whose it is. With `cap`, that the person is one too many for today. */
  used?: {
    readonly clientId: string;
    readonly accountId: string | undefined;
    readonly apiId: string;
    readonly cap?: true;
  };
  inactive?: InactiveReason;
  /** How the write set was refused. */
  lost?: Exclude<FlushOutcome, 'written'>;
  /** Refused because the grant or account is slowed: nobody else is to blame. */
  slowed?: true;
  /** The subject that the client was told. */
  subject?: string;
  /** The client and the API that a JWT was made for. */
  jwtOf?: { readonly clientId: string; readonly apiId: string };
}

export interface EngineFailure extends Error {
  readonly error?: string;
  readonly error_description?: string;
  readonly error_detail?: string;
}

const scopes = new AsyncLocalStorage<RequestScope>();

/** On the context itself: a weak map of every request would be work for the garbage collector. */
const SCOPE = Symbol('scope');

export function newRequestScope(ctx: Context): RequestScope {
  const scope: RequestScope = {
    ctx,
    writes: newWriteSet(),
    grants: new Map(),
    grantOf: new Map(),
    judgedClients: new Set(),
    failed: false,
    noted: {},
  };
  (ctx as Scoped)[SCOPE] = scope;
  return scope;
}

type Scoped = Context & { [SCOPE]?: RequestScope };

/** The scope of a request that has been served. */
export function scopeOf(ctx: Context): RequestScope | undefined {
  return (ctx as Scoped)[SCOPE];
}

export function runInScope<T>(scope: RequestScope, work: () => Promise<T>): Promise<T> {
  return scopes.run(scope, work);
}

/** The scope of the request being served. Throws outside of one, where nothing would be written. */
export function currentScope(): RequestScope {
  const scope = scopes.getStore();
  if (!scope) throw new Error('the engine was called outside of a protocol request');
  return scope;
}

/** Who acts: the client where it has authenticated, with a token or to revoke one; else somebody's browser. */
export function actorInScope({ ctx }: RequestScope): Actor {
  const { requestId } = ctx.state;
  const { oidc } = ctx as { oidc?: { client?: { clientId: string } } };
  const id = AUTHENTICATED.has(ctx.path) ? oidc?.client?.clientId : undefined;
  return id === undefined ? { kind: 'browser', requestId } : { kind: 'client', id, requestId };
}

const AUTHENTICATED: ReadonlySet<string> = new Set([ENDPOINTS.token, ENDPOINTS.revocation]);
