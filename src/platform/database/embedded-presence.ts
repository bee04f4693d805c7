import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from '../observability/logger.ts';
import type { Cluster } from './embedded-cluster.ts';
import { connectStarting, stopPostmaster } from './embedded-process.ts';

/** This process's place among the users of a cluster: one connection that holds a shared lock. */
export interface Presence {
  /** Runs `work` while no other process runs its own; for what is made once. */
  once(work: (client: pg.Client) => Promise<void>): Promise<void>;
  leave(): Promise<void>;
}

const PRESENCE = 0x67617465;
const SETUP = 0x67617466;
const LAST_MOMENT = '200ms';

/**
 * Takes a place, starting the server if needed. The lock dies with the connection, and the connection with the
 * process, so a killed process never counts. Should the server be lost, it is started and the place taken again.
 */
export async function joinCluster(cluster: Cluster, log: Logger): Promise<Presence> {
  let leaving = false;
  let place = await takePlace(cluster);
  let regained: Promise<void> = Promise.resolve();
  const watch = (client: pg.Client) => {
    client.once('end', () => {
      if (!leaving) regained = regain();
    });
  };
  const regain = async () => {
    log.warn('the embedded database went away; starting it again');
    for (let pause = 100; !leaving; pause = Math.min(pause * 2, 5_000)) {
      try {
        place = await takePlace(cluster);
        log.info('the embedded database is back');
        return watch(place);
      } catch (err) {
        if (pause === 100) log.error({ err }, 'the embedded database does not come back; trying on');
        await sleep(pause, undefined, { ref: false });
      }
    }
  };
  watch(place);
  return {
    async once(work) {
      await place.query('SELECT pg_advisory_lock($1)', [SETUP]);
      await work(place).finally(() => place.query('SELECT pg_advisory_unlock($1)', [SETUP]));
    },
    async leave() {
      leaving = true;
      await regained;
      await giveUpPlace(cluster, place);
    },
  };
}

async function takePlace(cluster: Cluster): Promise<pg.Client> {
  for (;;) {
    const client = await connectStarting(cluster);
    try {
      const { rows } = await client.query('SELECT pg_try_advisory_lock_shared($1) AS taken', [PRESENCE]);
      if (rows[0].taken) return client;
    } catch {
      // The server stopped between the connection and the question.
    }
    // Somebody holds the lock alone: the last one is leaving and the server about to stop. A new one follows.
    await client.end().catch(() => {});
    await sleep(20);
  }
}

/**
 * Two that leave at once both give up their share first, so exactly one of them finds itself alone. It waits a moment
 * for the place of a process that was just killed: the server notices that only when it next looks.
 */
async function giveUpPlace(cluster: Cluster, place: pg.Client): Promise<void> {
  try {
    await place.query('SELECT pg_advisory_unlock_shared($1)', [PRESENCE]);
    await place.query(`SET lock_timeout = '${LAST_MOMENT}'`);
    await place.query('SELECT pg_advisory_lock($1)', [PRESENCE]);
    await stopPostmaster(cluster);
  } catch {
    // Others stay, or the server is already gone, and with it everything there was to give up.
  } finally {
    await place.end().catch(() => {});
  }
}
