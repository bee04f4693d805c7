import { AsyncLocalStorage } from 'node:async_hooks';
import type { LiveSession } from '../accounts/sessions.ts';
import type { Actor } from '../audit/actor.ts';
import type { FoundGrant } from '../tokens/artifact-store.ts';
import { newWriteSet, type WriteSet } from '../tokens/write-set.ts';

/** What one protocol request knows and wants: its write set, and what it has read so far (each thing once). */
export interface RequestScope {
  readonly requestId: string;
  readonly writes: WriteSet;
  /** Live grants read together with an artifact, by grant id. */
  readonly grants: Map<string, FoundGrant>;
  /** The grant of each artifact found, by hex digest, for when it is spent. */
  readonly grantOf: Map<string, string | null>;
  /** The refresh token that this request rotates; its successor is computed from it. */
  rotating?: string;
  /** Client ids that the access decision has just judged, for a caller that asks nothing else of them. */
  readonly judgedClients: Set<string>;
  /** True once the request presented an artifact that was spent before. */
  reused: boolean;
  /** True once the engine failed at the request, even where it tells the app so by a redirect. */
  failed: boolean;
  /** The browser session the engine's session was projected from. */
  browserSession?: LiveSession | undefined;
}

const scopes = new AsyncLocalStorage<RequestScope>();

export function newRequestScope(requestId: string): RequestScope {
  return {
    requestId,
    writes: newWriteSet(),
    grants: new Map(),
    grantOf: new Map(),
    judgedClients: new Set(),
    reused: false,
    failed: false,
  };
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

/** Who acts in this request, as far as it is known: a client by its credentials, else somebody's browser. */
export function actorInScope(scope: RequestScope, clientId?: string): Actor {
  const { requestId } = scope;
  return clientId ? { kind: 'client', id: clientId, requestId } : { kind: 'browser', requestId };
}
