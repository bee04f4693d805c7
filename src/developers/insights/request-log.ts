import type { Platform } from '../../platform/platform.ts';
import type { ProtocolCall } from './protocol-call.ts';
import { admitUnproven, UNPROVEN_A_DAY } from './request-quota.ts';
import { addRows, addUnprovenRow, laneOf, type NewRequestRow } from './request-rows.ts';

interface Buffered {
  readonly rows: NewRequestRow[];
  readonly unproven: { readonly row: NewRequestRow; readonly fingerprint: Buffer }[];
  /** Characters of facts that wait. */
  size: number;
  /** Of which app and lane a success with its facts is among the rows. */
  readonly sampled: Set<string>;
}

const buffers = new WeakMap<Platform['sql'], Buffered>();

/** What may wait for the database. Beyond it calls are counted as dropped: the log may lose rows, never slow a request. */
const MOST_ROWS = 20_000;
const MOST_FACTS = 8_000_000;
const LARGEST_BATCH = 1_000;

/**
 * Takes one call into the log, which is written about once a second. Never waits and never throws: it runs behind every
 * answer. Facts are kept of every failure, and of the first success of its kind between two writes: what a busy app does
 * all day long would cost more to redact than to answer.
 */
export function noteRequest(platform: Platform, call: ProtocolCall): void {
  const buffer = bufferOf(platform);
  if (buffer.rows.length >= MOST_ROWS) {
    dropped(platform, 1);
    return;
  }
  const lane = laneOf(call.endpoint, call.error !== undefined);
  if (call.proven) {
    buffer.rows.push(rowOf(call, lane, isWorthFacts(buffer, call, lane) ? factsOf(buffer, call) : null));
    return;
  }
  const fingerprint = admitUnproven(platform, call);
  if (fingerprint) buffer.unproven.push({ row: rowOf(call, lane, factsOf(buffer, call)), fingerprint });
}

function bufferOf({ sql }: Pick<Platform, 'sql'>): Buffered {
  let buffer = buffers.get(sql);
  if (!buffer) {
    buffer = { rows: [], unproven: [], size: 0, sampled: new Set() };
    buffers.set(sql, buffer);
  }
  return buffer;
}

function rowOf(call: ProtocolCall, lane: number, facts: string | null): NewRequestRow {
  const { at, clientId, status, micros, requestId, grantType = null, error = null } = call;
  return { at, clientId, lane, status, micros, requestId, grantType, error, facts };
}

function isWorthFacts({ sampled }: Buffered, { clientId, error }: ProtocolCall, lane: number): boolean {
  if (error !== undefined) return true;
  const kind = `${clientId} ${lane}`;
  if (sampled.has(kind)) return false;
  sampled.add(kind);
  return true;
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
    dropped(platform, rows.length + unproven.length - written);
    throw error;
  }
  return written;
}

function dropped({ metrics }: Platform, count: number): void {
  metrics.requestsDropped.inc(count);
}
