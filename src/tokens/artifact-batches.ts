import type { Statement, Statements } from '../platform/database/statements.ts';
import type { ArtifactRow } from './write-set.ts';

const ADD: Statement = {
  name: 'add_artifacts',
  text: `INSERT INTO artifacts (digest, kind, grant_id, client_id, account_id, payload, expires_at, predecessor_digest)
    SELECT * FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::json[], $7::timestamptz[],
      $8::bytea[])
    ON CONFLICT (digest) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at
    WHERE artifacts.kind IN ('session', 'interaction')`,
};

interface Waiting {
  readonly rows: readonly ArtifactRow[];
  readonly written: () => void;
  readonly failed: (error: unknown) => void;
}

/** Enough for one round of waiting requests, small enough that one commit stays short. */
const LARGEST_BATCH = 128;

const queues = new WeakMap<Statements, { waiting: Waiting[]; writing: boolean }>();

/**
 * Adds artifacts durably: resolves after the commit that holds them. While one batch is being written the next
 * one gathers, so that many requests share a commit and a single request waits for nothing.
 */
export function addInBatches(sql: Statements, rows: readonly ArtifactRow[]): Promise<void> {
  let queue = queues.get(sql);
  if (!queue) {
    queue = { waiting: [], writing: false };
    queues.set(sql, queue);
  }
  const { waiting } = queue;
  const done = new Promise<void>((written, failed) => {
    waiting.push({ rows, written, failed });
  });
  if (!queue.writing) void drain(sql, queue);
  return done;
}

async function drain(sql: Statements, queue: { waiting: Waiting[]; writing: boolean }): Promise<void> {
  queue.writing = true;
  while (queue.waiting.length > 0) await writeBatch(sql, queue.waiting.splice(0, LARGEST_BATCH));
  queue.writing = false;
}

/** A fault must reach only the request that caused it: a batch that fails is tried again one request at a time. */
async function writeBatch(sql: Statements, batch: readonly Waiting[]): Promise<void> {
  try {
    await add(
      sql,
      batch.flatMap((one) => one.rows),
    );
    for (const one of batch) one.written();
  } catch (error) {
    const [only] = batch;
    if (only && batch.length === 1) only.failed(error);
    else for (const one of batch) await writeBatch(sql, [one]);
  }
}

async function add(sql: Statements, rows: readonly ArtifactRow[]): Promise<void> {
  await sql.run(ADD, [
    rows.map((row) => row.digest),
    rows.map((row) => row.kind),
    rows.map((row) => row.grantId),
    rows.map((row) => row.clientId),
    rows.map((row) => row.accountId),
    rows.map((row) => JSON.stringify(row.payload)),
    rows.map((row) => row.expiresAt),
    rows.map((row) => row.predecessorDigest),
  ]);
}
