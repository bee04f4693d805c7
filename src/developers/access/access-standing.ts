import { secondsAfter } from '../../platform/clock.ts';
import type { AccessGiven, AccessInputs, AccessScope } from './access-inputs.ts';

/** Sensitive scopes are given for this long at most, then somebody looks again. */
export const SENSITIVE_DAYS = 90;

/** When an access made at `createdAt` ceases to give its sensitive scopes. */
export function sensitiveEnd(createdAt: Date): Date {
  return secondsAfter(createdAt, SENSITIVE_DAYS * 86_400);
}

/** Whether the API belongs to the organization of the app itself, which then needs no access. */
export function isOwnApi({ client, api }: Pick<AccessInputs, 'client' | 'api'>): boolean {
  return !client.sponsored && client.organizationId === api.organizationId;
}

/** Accesses that have not ended. */
export function unended(accesses: readonly AccessGiven[], now: Date): AccessGiven[] {
  return accesses.filter(({ until }) => until === null || until > now);
}

/** Whether the terms that came with the access are good enough still: older ones are until the newest are due. */
export function termsHold({ api }: AccessInputs, access: AccessGiven, now: Date): boolean {
  if (access.origin === 'operator' || access.termsVersion >= api.termsVersion) return true;
  return api.termsDueAt === null || now < api.termsDueAt;
}

/** Accesses that count: not ended, and under terms that hold. */
export function liveAccesses(inputs: AccessInputs, now: Date): AccessGiven[] {
  return unended(inputs.accesses, now).filter((access) => termsHold(inputs, access, now));
}

export type ScopeObstacle = 'publisher-not-verified' | 'approval-missing' | 'access-ended';

/** What keeps a live access from giving a scope that it names: its sensitivity asks for more. */
export function obstacleTo(
  { client }: AccessInputs,
  access: AccessGiven,
  { sensitivity }: AccessScope,
  now: Date,
): ScopeObstacle | undefined {
  if (sensitivity === 'basic') return undefined;
  if (!client.verified) return 'publisher-not-verified';
  if (sensitivity === 'restricted' && !APPROVING.has(access.origin)) return 'approval-missing';
  if (access.origin !== 'operator' && sensitiveEnd(access.createdAt) <= now) {
    return 'access-ended';
  }
  return undefined;
}

/** Somebody looked at this one app, or handed it a code. */
const APPROVING: ReadonlySet<string> = new Set(['operator', 'request', 'code']);

/** Where several accesses live side by side, the largest cap counts, and none is larger than any. */
export function largestCap(caps: readonly (number | null)[]): number | null {
  const numbers = caps.filter((cap) => cap !== null);
  return numbers.length === caps.length && numbers.length > 0 ? Math.max(...numbers) : null;
}
