import pg from 'pg';
import { databaseIsAway } from './outage.ts';

/**
 * One connection on which reads are sent one behind the other without waiting for answers, which takes half the work
 * of taking turns on a pool. Never for statements that can wait for a lock: everything behind them would wait too.
 */
export interface Lane {
  query<Row extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<pg.QueryResult<Row>>;
  close(): Promise<void>;
}

/** Connects at the first query and again when a connection was lost; a read that was under way is sent once more. */
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
  const read = async <Row extends pg.QueryResultRow>(query: pg.QueryConfig) => {
    current ??= connect();
    return (await current).query<Row>(query);
  };
  return {
    async query<Row extends pg.QueryResultRow>(query: pg.QueryConfig) {
      const used = current;
      try {
        return await read<Row>(query);
      } catch (error) {
        if (!databaseIsAway(error)) throw error;
        if (current === used) current = undefined;
        return read<Row>(query);
      }
    },
    close: async () => (await current?.catch(() => undefined))?.end(),
  };
}
