import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { SENSITIVE_DAYS } from './access-standing.ts';
import { shownScope } from '../apis/scopes/known-scopes.ts';
import type { ScopeSensitivity } from '../apis/scopes/scopes.ts';

/** What an opening, an approval or a code gives to an app. */
export interface Entitlement {
  readonly scopes: readonly string[];
  /** How long the access lasts; null has no end. */
  readonly days: number | null;
  /** Distinct people a day (UTC); null has no limit. */
  readonly peoplePerDay: number | null;
  /** Requests a minute; null has no limit. */
  readonly requestsPerMinute: number | null;
}

/** What a form begins with: enough for an app that starts, little for one that runs wild. */
export const USUAL_CAPS = { peoplePerDay: 1_000, requestsPerMinute: 600 } as const;
export const MOST_DAYS = 3_650;
export const MOST_CAP = 1_000_000_000;

export type EntitlementFault = 'scopes' | 'days' | 'peoplePerDay' | 'requestsPerMinute';

export type JudgedEntitlement =
  | { readonly ok: true; readonly entitlement: Entitlement }
  | Refused<EntitlementFault>;

/**
 * Whether an API may be opened like this: its scopes exist, the numbers are sound, and what is sensitive is given for 90
 * days at most. `looked` where somebody looks at the one app that gets it; without that nothing restricted is given.
 */
export async function judgeEntitlement(
  tx: Platform,
  apiId: string,
  wish: Entitlement,
  { looked }: { readonly looked: boolean },
): Promise<JudgedEntitlement> {
  const scopes = [...new Set(wish.scopes)];
  if (scopes.length === 0) return refused('scopes', 'Choose at least one scope that an app may ask for.');
  const known = await sensitivities(tx, apiId);
  const unknown = scopes.find((name) => !known.has(name));
  if (unknown !== undefined) {
    return refused('scopes', `This API has no scope named ${shownScope(unknown)}. Choose from its own.`);
  }
  const restricted = scopes.find((name) => known.get(name) === 'restricted');
  if (restricted !== undefined && !looked) {
    return refused(
      'scopes',
      `${restricted} is restricted, so each app needs approval for it. Open it on request, or leave it out.`,
    );
  }
  const sensitive = scopes.find((name) => known.get(name) !== 'basic');
  return judgeNumbers(wish, sensitive) ?? { ok: true, entitlement: { ...wish, scopes } };
}

function judgeNumbers(
  { days, peoplePerDay, requestsPerMinute }: Entitlement,
  sensitive: string | undefined,
): Refused<EntitlementFault> | undefined {
  if (days !== null && !isWithin(days, MOST_DAYS)) {
    return refused('days', `Give a whole number of days from 1 to ${MOST_DAYS}, such as 90.`);
  }
  if (sensitive !== undefined && (days === null || days > SENSITIVE_DAYS)) {
    return refused(
      'days',
      `${sensitive} is sensitive, so access to it lasts at most ${SENSITIVE_DAYS} days. Choose ${SENSITIVE_DAYS} or fewer.`,
    );
  }
  return judgeCaps({ peoplePerDay, requestsPerMinute });
}

/** undefined where both are sound. */
export function judgeCaps({
  peoplePerDay,
  requestsPerMinute,
}: Pick<Entitlement, 'peoplePerDay' | 'requestsPerMinute'>):
  | Refused<'peoplePerDay' | 'requestsPerMinute'>
  | undefined {
  if (peoplePerDay !== null && !isWithin(peoplePerDay, MOST_CAP)) {
    return refused('peoplePerDay', 'Give a whole number of people from 1, such as 1000, or leave it empty.');
  }
  if (requestsPerMinute !== null && !isWithin(requestsPerMinute, MOST_CAP)) {
    return refused(
      'requestsPerMinute',
      'Give a whole number of requests from 1, such as 600, or leave it empty.',
    );
  }
  return undefined;
}

/** How sensitive each scope of an API is, by name. */
export async function sensitivities(
  { db }: Platform,
  apiId: string,
): Promise<ReadonlyMap<string, ScopeSensitivity>> {
  const rows = await db.scope.findMany({ where: { apiId }, select: { name: true, sensitivity: true } });
  return new Map(rows.map(({ name, sensitivity }) => [name, sensitivity as ScopeSensitivity]));
}

function isWithin(number: number, most: number): boolean {
  return Number.isInteger(number) && number >= 1 && number <= most;
}
