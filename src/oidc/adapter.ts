import type { Adapter, AdapterFactory } from 'oidc-provider';
import { secondsAfter } from '../platform/clock.ts';
import { digestOf } from '../platform/crypto/secrets.ts';
import type { Platform } from '../platform/platform.ts';
import { LIFETIMES } from '../tokens/lifetimes.ts';
import type { ArtifactKind } from '../tokens/write-set.ts';
import { artifactAdapter } from './artifact-adapter.ts';
import { grantAdapter } from './grant-adapter.ts';
import { currentScope } from './request-scope.ts';
import { unusedAdapter } from './unused-adapter.ts';

/** The engine's models by the kind they are stored as. Clients never come through here: see registered-clients.ts. */
const KINDS: Readonly<Record<string, ArtifactKind>> = {
  AccessToken: 'access',
  ClientCredentials: 'service',
  RefreshToken: 'refresh',
  AuthorizationCode: 'code',
  PushedAuthorizationRequest: 'request',
  Session: 'session',
  Interaction: 'interaction',
};

/**
 * Serves the engine's storage calls. Reads go to tokens/, writes are only recorded in the request's write set;
 * flush-writes.ts flushes it as one statement before the answer leaves. No call here opens a transaction.
 */
export function adapterFor(platform: Platform): AdapterFactory {
  return (model) => {
    if (model === 'Grant') return grantAdapter(platform);
    if (model === 'ReplayDetection') return replayAdapter(platform);
    const kind = KINDS[model];
    return kind ? artifactAdapter(platform, kind) : unusedAdapter(model);
  };
}

/** Proofs and assertions: the insert in the write set fails on the second use, so there is nothing to look up. */
function replayAdapter({ clock }: Platform): Adapter {
  return {
    ...unusedAdapter('ReplayDetection'),
    async upsert(id, _payload, expiresIn = 0) {
      const digest = digestOf(id);
      currentScope().writes.replays.set(digest.toString('hex'), {
        digest,
        expiresAt: secondsAfter(clock.now(), expiresIn + LIFETIMES.clockTolerance),
      });
    },
    async find(id) {
      return currentScope().writes.replays.has(digestOf(id).toString('hex')) ? { jti: id } : undefined;
    },
  };
}
