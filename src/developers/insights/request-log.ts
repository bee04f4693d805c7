import type { Platform } from '../../platform/platform.ts';
import type { ProtocolCall } from './protocol-call.ts';
import { admitUnproven, UNPROVEN_A_DAY } from './request-quota.ts';
import { addRows, addUnprovenRow, laneOf, type NewRequestRow } from './request-rows.ts';

interface Buffered {
  readonly rows: NewRequestRow[];
  readonly unproven: { readonly row: NewRequestRow; readonly fingerprint: Buffer }[];
  /** Characters of facts that wait. */
  size: number;
  /** Rows of each app, and those with facts of each of its lanes. */
  readonly perClient: Map<string, number>;
  readonly withFacts: Map<string, number>;
}

const buffers = new WeakMap<Platform['sql'], Buffered>();

/** What may wait for the database. Beyond it calls are counted as dropped: the log may lose rows, never slow a request. */
const MOST_ROWS = 20_000;
const MOST_OF_ONE_CLIENT = 5_000;
const MOST_FACTS = 8_000_000;
const LARGEST_BATCH = 1_000;

/** Between two writes, of one app: facts of the first success of a kind, and of the first failures. */
const GOOD_WITH_FACTS = 1;
const FAILED_WITH_FACTS = 50;

/** In the place of an error code, where an API was told that a token is not active. */
const INACTIVE = 'inactive';

/**
 * Takes one call into the log, which is written about once a second. Never waits and never throws: it runs behind every
 * answer. What a busy app does all day long would cost more to redact than to answer, so facts are kept of some calls.
 */
export function noteRequest(platform: Platform, call: ProtocolCall): void {
  const buffer = bufferOf(platform);
  const { clientId, endpoint, inactive, proven } = call;
  const error = call.error ?? (inactive ? INACTIVE : null);
  const lane = laneOf(endpoint, error !== null);
  if (!proven) {
    const fingerprint = admitUnproven(platform, call);
    if (fingerprint)
      buffer.unproven.push({ row: rowOf(call, lane, error, factsOf(buffer, call)), fingerprint });
    return;
  }
  if (buffer.rows.length >= MOST_ROWS || countOf(buffer.perClient, clientId) > MOST_OF_ONE_CLIENT) {
    platform.metrics.requestsDropped.inc();
    return;
  }
  const kept = countOf(buffer.withFacts, `${clientId} ${lane} ${call.grantType ?? ''}`);
  const facts = kept <= (error === null ? GOOD_WITH_FACTS : FAILED_WITH_FACTS) ? factsOf(buffer, call) : null;
  buffer.rows.push(rowOf(call, lane, error, facts));
}

/** One more of these; answers how many there are now. */
function countOf(counts: Map<string, number>, key: string): number {
  const count = (counts.get(key) ?? 0) + 1;
  counts.set(key, count);
  return count;
}

function bufferOf({ sql }: Pick<Platform, 'sql'>): Buffered {
  let buffer = buffers.get(sql);
  if (!buffer) {
    buffer = { rows: [], unproven: [], size: 0, perClient: new Map(), withFacts: new Map() };
    buffers.set(sql, buffer);
  }
  return buffer;
}

function rowOf(call: ProtocolCall, lane: number, error: string | null, facts: string | null): NewRequestRow {
  const { at, clientId, status, micros, requestId, grantType = null } = call;
  return { at, clientId, lane, status, micros, requestId, grantType, error, facts };
}

function factsOf(buffer: Buffered, call: ProtocolCall): string | null {
  if (buffer.size >= MOST_FACTS) return null;
  const text = JSON.stringify(call.facts());
  buffer.size += text.length;
  return text;
}

const writing = new WeakMap<Platform['sql'], Promise<number>>();

/**
 * Job, and among the last acts of a stopping process: writes what was noted, after what is being written already. What the
 * database refuses is given up. Answers how many rows were written.
 */
export function writeRequests(platform: Platform): Promise<number> {
  const { sql } = platform;
  const before = writing.get(sql)?.catch(() => 0) ?? Promise.resolve(0);
  const mine = before.then(() => writeBuffer(platform));
  writing.set(sql, mine);
  return mine;
}

async function writeBuffer(platform: Platform): Promise<number> {
  const { rows, unproven } = bufferOf(platform);
  buffers.delete(platform.sql);
  let written = 0;
  try {
    for (let start = 0; start < rows.length; start += LARGEST_BATCH) {
      const batch = rows.slice(start, start + LARGEST_BATCH);
      await addRows(platform, batch);
      written += batch.length;
    }
    for (const { row, fingerprint } of unproven) {
      await addUnprovenRow(platform, row, fingerprint, UNPROVEN_A_DAY);
      written += 1;
    }
  } catch (error) {
    platform.metrics.requestsDropped.inc(rows.length + unproven.length - written);
    throw error;
  }
  return written;
}
