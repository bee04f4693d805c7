import { callsAMinute, callsThisMinute } from '../access/access-rate.ts';
import { loadAccessInputs } from '../access/access-inputs.ts';
import { decideAccess } from '../access/decide-access.ts';
import { peopleToday } from '../access/people-cap.ts';
import type { Platform } from '../../platform/platform.ts';

/** What is left of an app's limits at one API. */
export interface LimitsLeft {
  readonly apiName: string;
  readonly identifier: string;
  /** Calls of this minute; undefined where there is no limit. */
  readonly calls: { readonly left: number; readonly limit: number } | undefined;
  /** People of today (UTC). */
  readonly people: { readonly left: number; readonly limit: number } | undefined;
  /** A suspension takes its share. */
  readonly slowed: boolean;
}

const MOST_APIS = 20;

/** Of every API where an app has limits, by name. What processes hold ready and did not give out counts as used. */
export async function findLimitsLeft(platform: Platform, clientId: string): Promise<LimitsLeft[]> {
  const identifiers = await apisOf(platform, clientId);
  const found = await Promise.all(identifiers.map((identifier) => leftAt(platform, clientId, identifier)));
  return found.filter((one) => one !== undefined).filter(({ calls, people }) => calls || people);
}

async function apisOf({ db, clock }: Platform, clientId: string): Promise<string[]> {
  const now = clock.now();
  const rows = await db.$queryRaw<{ identifier: string }[]>`
    SELECT a.identifier FROM apis a
     WHERE a.identifier IS NOT NULL AND EXISTS (
       SELECT FROM accesses x WHERE x.client_id = ${clientId} AND x.api_id = a.id AND x.ended_at IS NULL
          AND (x.until IS NULL OR x.until > ${now}))
     ORDER BY a.name, a.id LIMIT ${MOST_APIS}`;
  return rows.map(({ identifier }) => identifier);
}

async function leftAt(
  platform: Platform,
  clientId: string,
  identifier: string,
): Promise<LimitsLeft | undefined> {
  const inputs = await loadAccessInputs(platform, clientId, identifier);
  const decision = decideAccess(inputs, undefined, platform.clock.now());
  if (!decision.allowed) return undefined;
  const { api, peoplePerDay, share } = decision;
  const spender = { clientId, apiId: api.id, accountId: undefined };
  const limit = callsAMinute(decision, { writes: false });
  const used = limit === null ? 0 : ((await callsThisMinute(platform, [spender])).get(spender) ?? 0);
  const reached =
    peoplePerDay === null ? 0 : ((await peopleToday(platform, api.id, [clientId])).get(clientId) ?? 0);
  return {
    apiName: api.name,
    identifier: api.identifier,
    calls: limit === null ? undefined : { limit, left: Math.max(0, limit - used) },
    people:
      peoplePerDay === null ? undefined : { limit: peoplePerDay, left: Math.max(0, peoplePerDay - reached) },
    slowed: share < 1,
  };
}
