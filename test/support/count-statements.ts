import type pg from 'pg';
import type { OpenPlatform } from '../../src/platform/platform.ts';

/** The statements by which shares of limits are taken are those of no request (decision 22). */
const OF_NO_REQUEST = 'INSERT INTO limit_leases';

/** Every statement sent through the pool or beside it during `work`, in order, without values. Jobs would be in it. */
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
  return texts;
}

function watch(client: pg.PoolClient, texts: string[]): () => void {
  const { query } = client;
  // biome-ignore lint/suspicious/noExplicitAny: the driver's query has a dozen overloads and all pass through here
  (client as any).query = function watched(this: pg.PoolClient, ...args: unknown[]) {
    const [first] = args as [string | { text: string }];
    const text = typeof first === 'string' ? first : first.text;
    if (!text.includes(OF_NO_REQUEST)) texts.push(text);
    return (query as (...all: unknown[]) => unknown).apply(this, args);
  };
  return () => {
    client.query = query;
  };
}
