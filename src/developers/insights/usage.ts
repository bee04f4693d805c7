import type { Platform } from '../../platform/platform.ts';

/** What a list of apps says of each. */
export interface Glance {
  /** The hour of the last call, and calls of the last 24 hours, the oldest first. */
  readonly lastCall: Date | null;
  readonly requests: number;
  readonly failures: number;
  readonly byHour: readonly number[];
}

const HOUR = 3_600_000;

/** The last day of several apps or APIs (their client ids) in one statement; those without calls are missing. */
export async function usageAtAGlance(
  { db, clock }: Pick<Platform, 'db' | 'clock'>,
  clientIds: readonly string[],
): Promise<ReadonlyMap<string, Glance>> {
  const now = clock.now().getTime();
  const first = now - (now % HOUR) - 23 * HOUR;
  const rows = await db.$queryRaw<GlanceRow[]>`
    SELECT ids.id AS "clientId", l.hour AS "lastCall", coalesce(h.hours, '[]') AS hours
      FROM unnest(${[...clientIds]}::text[]) AS ids (id)
      JOIN LATERAL (SELECT max(u.hour) AS hour FROM usage_hours u WHERE u.client_id = ids.id) l ON l.hour IS NOT NULL
      LEFT JOIN LATERAL (
        SELECT json_agg(json_build_array(extract(epoch FROM u.hour) * 1000, u.requests, u.error <> '')) AS hours
          FROM usage_hours u WHERE u.client_id = ids.id AND u.hour >= ${new Date(first)}) h ON true`;
  return new Map(rows.map(({ clientId, lastCall, hours }) => [clientId, glanceOf(lastCall, hours, first)]));
}

interface GlanceRow {
  clientId: string;
  lastCall: Date;
  hours: [hour: number, requests: number, failed: boolean][];
}

function glanceOf(lastCall: Date, hours: GlanceRow['hours'], first: number): Glance {
  const byHour = new Array<number>(24).fill(0);
  let failures = 0;
  for (const [hour, requests, failed] of hours) {
    const at = Math.round((hour - first) / HOUR);
    if (at >= 0 && at < 24) byHour[at] = (byHour[at] ?? 0) + requests;
    if (failed) failures += requests;
  }
  return { lastCall, failures, byHour, requests: byHour.reduce((sum, requests) => sum + requests, 0) };
}
