import type pg from 'pg';
import type { OpenPlatform } from '../../src/platform/platform.ts';

/** What the jobs of every few seconds read and write: they may run while something else is counted. */
const OF_JOBS =
  /letters|signing_keys|grants_held|settings|pictures|audit_deliveries|usage_hours|usage_people|INTO request_log|event_deliveries|limit_leases|"public"."suspensions"|FROM suspensions WHERE ended_at IS NULL|FROM alerts|signal_counts|signal_members|client_baselines|UPDATE client_(?:secrets|keys)/;

/** Every statement that `work` sends through the pool or beside it, in order, values and those of jobs left out. */
export async function countStatements(
  { pool, sql }: OpenPlatform,
  work: () => Promise<unknown>,
): Promise<string[]> {
  const texts: string[] = [];
  const { run } = sql;
  // Reads of the hot path have a connection of their own beside the pool.
  sql.run = (statement, values) => {
    if (statement.reads) texts.push(statement.text);
    return run(statement, values);
  };
  const held = await Promise.all(Array.from({ length: pool.options.max ?? 10 }, () => pool.connect()));
  const undo = held.map((client) => watch(client, texts));
  for (const client of held) client.release();
  await work();
  for (const restore of undo) restore();
  sql.run = run;
  return texts.filter((text) => !OF_JOBS.test(text));
}

function watch(client: pg.PoolClient, texts: string[]): () => void {
  const { query } = client;
  // biome-ignore lint/suspicious/noExplicitAny: the driver's query has a dozen overloads and all pass through here
  (client as any).query = function watched(this: pg.PoolClient, ...args: unknown[]) {
    const [first] = args as [string | { text: string }];
    texts.push(typeof first === 'string' ? first : first.text);
    return (query as (...all: unknown[]) => unknown).apply(this, args);
  };
  return () => {
    client.query = query;
  };
}
