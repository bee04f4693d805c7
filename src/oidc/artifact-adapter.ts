import type { Adapter, AdapterPayload } from 'oidc-provider';
import { auditEntry } from '../audit/trail.ts';
import { epochSeconds, secondsAfter } from '../platform/clock.ts';
import { digestOf, handleKind } from '../platform/crypto/secrets.ts';
import type { Platform } from '../platform/platform.ts';
import {
  type EndedArtifact,
  type FoundArtifact,
  type FoundGrant,
  findArtifact,
} from '../tokens/artifact-store.ts';
import { LIFETIMES } from '../tokens/lifetimes.ts';
import type { ArtifactKind } from '../tokens/write-set.ts';
import { payloadAtRest, payloadInUse } from './payloads.ts';
import { actorInScope, currentScope, type RequestScope } from './request-scope.ts';
import { unusedAdapter } from './unused-adapter.ts';

/** Stores and finds whatever is presented as a handle: codes, tokens, pushed requests, and what a page of the engine keeps. */
export function artifactAdapter(platform: Platform, kind: ArtifactKind): Adapter {
  const { clock } = platform;
  return {
    ...unusedAdapter(kind),
    async upsert(id, payload, expiresIn = 0) {
      const digest = digestOf(id);
      const { writes, rotating } = currentScope();
      const lifetime =
        kind === 'refresh' ? Math.min(expiresIn, LIFETIMES.refreshToken.idleSeconds) : expiresIn;
      writes.destroyed.delete(digest.toString('hex'));
      if (kind === 'refresh' && payload.jkt && payload.grantId)
        writes.boundKeys.set(payload.grantId, payload.jkt);
      writes.artifacts.set(digest.toString('hex'), {
        digest,
        kind,
        grantId: kind === 'interaction' ? null : (payload.grantId ?? null),
        clientId: payload.clientId ?? null,
        accountId: payload.accountId ?? null,
        payload: payloadAtRest(platform, kind, id, payload),
        expiresAt: secondsAfter(clock.now(), lifetime),
        predecessorDigest: kind === 'refresh' && rotating !== undefined ? digestOf(rotating) : null,
      });
    },
    async find(id) {
      // The engine makes the id of an interaction itself: it is no handle and carries no kind (decision record 0003).
      if (kind !== 'interaction' && handleKind(id) !== kind) return undefined;
      return findInScope(platform, kind, id);
    },
    async consume(id) {
      const digest = digestOf(id);
      const key = digest.toString('hex');
      const scope = currentScope();
      const grantId = kind === 'request' ? null : (scope.grantOf.get(key) ?? null);
      scope.writes.consumptions.set(key, { digest, grantId });
      if (kind === 'refresh') scope.rotating = id;
      if (grantId) scope.writes.reuseEvents.push(reuseEvent(platform, grantId, kind));
    },
    async destroy(id) {
      const digest = digestOf(id);
      const { writes } = currentScope();
      writes.artifacts.delete(digest.toString('hex'));
      writes.destroyed.set(digest.toString('hex'), digest);
    },
    async revokeByGrantId(grantId) {
      currentScope().writes.revokedGrants.add(grantId);
    },
    /** Nothing is bound to the engine's session: tokens end with their grant, and so does the session's share in them. */
    async findByUid() {
      return undefined;
    },
  };
}

async function findInScope(
  platform: Platform,
  kind: ArtifactKind,
  id: string,
): Promise<AdapterPayload | undefined> {
  const scope = currentScope();
  const digest = digestOf(id);
  const key = digest.toString('hex');
  const pending = scope.writes.artifacts.get(key);
  if (pending) return payloadInUse(platform, kind, id, pending.payload as AdapterPayload);
  if (scope.writes.destroyed.has(key)) return undefined;
  const found = await findArtifact(platform, kind, digest);
  if (!found) return undefined;
  const now = platform.clock.now();
  noteArtifact(scope, kind, found, now);
  if ('ended' in found) return undefined;
  if (kind === 'refresh' && found.expiresAt <= now) return undefined;
  if (kind === 'refresh' && !found.spent) keepAlive(platform, key, digest, found.expiresAt, found.payload);
  if (found.grant) scope.grants.set(found.grant.id, found.grant);
  scope.grantOf.set(key, found.grant?.id ?? null);
  if (found.spent) scope.reused = kind;
  const payload = notBeyond(found.grant, payloadInUse(platform, kind, id, found.payload as AdapterPayload));
  return found.spent ? { ...payload, consumed: true } : payload;
}

/** For whoever debugs the app: the engine has one answer for everything that is wrong with a code or token. */
function noteArtifact(
  { noted }: RequestScope,
  kind: ArtifactKind,
  found: FoundArtifact | EndedArtifact,
  now: Date,
): void {
  if (kind === 'session' || kind === 'interaction') return;
  const { spent } = found;
  if ('ended' in found) {
    const { clientId, grantId, accountId } = found;
    noted.artifact = { kind, clientId, grantId, accountId, spent, ended: true, expired: false };
  } else {
    const { clientId, accountId, redirectUri } = found.payload as Readonly<
      Record<string, string | undefined>
    >;
    const state = { spent, ended: false, expired: found.expiresAt <= now };
    noted.artifact = { kind, clientId, grantId: found.grant?.id, accountId, redirectUri, ...state };
  }
}

/** A token ends with its grant at the latest, also where that end was brought forward since: its exp says so. */
function notBeyond(grant: FoundGrant | null, payload: AdapterPayload): AdapterPayload {
  const { exp } = payload;
  return grant && exp ? { ...payload, exp: Math.min(exp, epochSeconds(grant.expiresAt)) } : payload;
}

const DAY = 86_400;

/** Using a refresh token moves its idle end, at most once a day so that most refreshes need no extra write. */
function keepAlive(
  { clock }: Platform,
  key: string,
  digest: Buffer,
  expiresAt: Date,
  payload: Record<string, unknown>,
): void {
  const now = clock.now();
  const idleEnd = secondsAfter(now, LIFETIMES.refreshToken.idleSeconds);
  const absoluteEnd = new Date(Number(payload.exp) * 1000);
  const later = idleEnd < absoluteEnd ? idleEnd : absoluteEnd;
  if (later <= secondsAfter(expiresAt, DAY)) return;
  currentScope().writes.extended.set(key, { digest, expiresAt: later });
}

function reuseEvent({ clock }: Platform, grantId: string, kind: ArtifactKind) {
  const target = { kind: 'grant', id: grantId };
  return auditEntry(clock.now(), actorInScope(currentScope()), 'grant.reuse-detected', target, {
    artifact: kind,
  });
}
