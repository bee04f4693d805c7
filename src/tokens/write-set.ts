import type { AuditEntry } from '../audit/events.ts';

/** One row for the artifacts table; `payload` holds no live handle. */
export interface ArtifactRow {
  readonly digest: Buffer;
  readonly kind: ArtifactKind;
  readonly grantId: string | null;
  readonly clientId: string | null;
  readonly accountId: string | null;
  readonly payload: unknown;
  readonly expiresAt: Date;
  /** Digest of the refresh token this one follows. */
  readonly predecessorDigest: Buffer | null;
}

export type ArtifactKind = 'access' | 'service' | 'refresh' | 'code' | 'request' | 'session' | 'interaction';

/** A single-use artifact that this request spends. Spending it twice ends the grant named here, if one is. */
export interface Consumption {
  readonly digest: Buffer;
  readonly grantId: string | null;
}

export interface GrantRow {
  readonly id: string;
  readonly accountId: string;
  readonly clientId: string;
  readonly browserSessionId: string | null;
  readonly endsWithSession: boolean;
  readonly payload: unknown;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly userAgent: string | null;
  /** Written only while the account's consent to the client stands, and ends with it. */
  readonly needsConsent: boolean;
}

/**
 * Everything one protocol request wants to change. The adapter only records; flush.ts writes it as one statement
 * before the answer leaves. Keys are hex digests, or ids where there is no handle.
 */
export interface WriteSet {
  readonly artifacts: Map<string, ArtifactRow>;
  readonly consumptions: Map<string, Consumption>;
  readonly destroyed: Map<string, Buffer>;
  readonly extended: Map<string, { digest: Buffer; expiresAt: Date }>;
  readonly grants: Map<string, GrantRow>;
  /**
   * A condition in SQL, constant and from an upper floor, that a grant `g` has to meet when it is written: the browser
   * session it is given in may end while the request is under way.
   */
  grantsOnlyWhile?: string;
  /** RFC 7638 thumbprints of the keys that refresh tokens issued now are bound to, by grant id. */
  readonly boundKeys: Map<string, string>;
  readonly revokedGrants: Set<string>;
  readonly replays: Map<string, { digest: Buffer; expiresAt: Date }>;
  /** Written when the set takes effect. */
  readonly events: AuditEntry[];
  /** Written instead when a single-use artifact turns out to be spent already. */
  readonly reuseEvents: AuditEntry[];
}

export function newWriteSet(): WriteSet {
  return {
    artifacts: new Map(),
    consumptions: new Map(),
    destroyed: new Map(),
    extended: new Map(),
    grants: new Map(),
    boundKeys: new Map(),
    revokedGrants: new Set(),
    replays: new Map(),
    events: [],
    reuseEvents: [],
  };
}

export function isEmpty(set: WriteSet): boolean {
  return set.artifacts.size === 0 && changesNothing(set);
}

/** True for a set that only adds artifacts: nothing can refuse it, so it may be written together with others. */
export function onlyAdds(set: WriteSet): boolean {
  return set.artifacts.size > 0 && changesNothing(set);
}

/** Whatever it may add. */
function changesNothing(set: WriteSet): boolean {
  const { consumptions, destroyed, extended, grants, boundKeys, revokedGrants, replays, events } = set;
  const parts = [consumptions, destroyed, extended, grants, boundKeys, revokedGrants, replays];
  return events.length === 0 && parts.every((part) => part.size === 0);
}

const ISSUED: ReadonlySet<ArtifactKind> = new Set(['access', 'service', 'refresh', 'code', 'request']);

/**
 * For a request that was refused after all: what it would have issued is forgotten, and what it would have spent for
 * that stays unspent, or the holder would be left with nothing. What it revokes, closes or proves stands.
 */
export function keepNothingIssued({ artifacts, consumptions, extended, boundKeys }: WriteSet): void {
  for (const [key, { kind }] of artifacts) if (ISSUED.has(kind)) artifacts.delete(key);
  consumptions.clear();
  extended.clear();
  boundKeys.clear();
}
