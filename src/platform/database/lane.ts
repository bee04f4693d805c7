import pg from 'pg';

/**
 * One connection on which reads are sent one behind the other without waiting for answers, which takes half the work
 * of taking turns on a pool. Never for statements that can wait for a lock: everything behind them would wait too.
 */
export interface Lane {
  query<Row extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<pg.QueryResult<Row>>;
  close(): Promise<void>;
}

/** Connects at the first query and again after a connection was lost; what was under way then fails. */
export function openLane(config: pg.ClientConfig): Lane {
  let current: Promise<pg.Client> | undefined;
  const connect = (): Promise<pg.Client> => {
    const client = new pg.Client({ ...config, pipeline: true });
    const connecting = client.connect().then(() => client);
    const forget = () => {
      if (current === connecting) current = undefined;
    };
    client.on('error', forget).on('end', forget);
    connecting.catch(forget);
    return connecting;
  };
  const ready = (): Promise<pg.Client> => {
    current ??= connect();
    return current;
  };
  return {
    query: async (query) => (await ready()).query(query),
    close: async () => (await current?.catch(() => undefined))?.end(),
  };
}
