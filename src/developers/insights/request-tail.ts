import { PassThrough, type Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { secondsAfter } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';
import { listRequests, type RequestFilter } from './request-search.ts';

interface Tail {
  readonly accountId: string;
  readonly organizationId: string;
  readonly stream: PassThrough;
}

const tails = new WeakMap<Platform['sql'], Set<Tail>>();

/** A tail holds a connection and asks the database once a second. */
const MOST_TAILS = 100;
const MOST_OF_ONE_ACCOUNT = 4;
/** However many members it has: no organization takes the tails of all others. */
const MOST_OF_ONE_ORGANIZATION = 20;
/** Then the browser asks again and passes every guard again: who has signed out or left is not told anything more. */
const TAIL_SECONDS = 30;
const POLL_MS = 1_000;
/** Rows are written up to a second after their moment, by several processes. */
const LOOK_BACK_SECONDS = 10;

/**
 * Server-sent events for the list of requests: `requests` whenever there is one that was not there before, without saying
 * which, because the page itself knows how to show them. Undefined while too many are open.
 */
export function openTail(
  platform: Platform,
  {
    accountId,
    organizationId,
    clientId,
    filter,
  }: { accountId: string; organizationId: string; clientId: string; filter: RequestFilter },
): Readable | undefined {
  const open = tails.get(platform.sql) ?? new Set<Tail>();
  tails.set(platform.sql, open);
  const own = [...open].filter((tail) => tail.accountId === accountId);
  const ours = [...open].filter((tail) => tail.organizationId === organizationId);
  if (open.size >= MOST_TAILS || own.length >= MOST_OF_ONE_ACCOUNT) return undefined;
  if (ours.length >= MOST_OF_ONE_ORGANIZATION) return undefined;
  const tail = { accountId, organizationId, stream: new PassThrough() };
  open.add(tail);
  tail.stream.on('close', () => open.delete(tail));
  tail.stream.write('retry: 1000\n\n');
  void follow(platform, tail.stream, clientId, filter);
  return tail.stream;
}

/** For a process that stops: it waits for requests under way. */
export function endTails({ sql }: Pick<Platform, 'sql'>): void {
  for (const { stream } of tails.get(sql) ?? []) stream.end();
}

async function follow(
  platform: Platform,
  stream: PassThrough,
  clientId: string,
  filter: RequestFilter,
): Promise<void> {
  let known: Set<string> | undefined;
  try {
    for (let polls = 0; polls < TAIL_SECONDS && stream.writable; polls += 1) {
      const since = secondsAfter(platform.clock.now(), -LOOK_BACK_SECONDS);
      const { requests } = await listRequests(platform, clientId, { ...filter, since });
      const before = known;
      known = new Set(requests.map(({ key }) => key));
      const fresh = before ? requests.filter(({ key }) => !before.has(key)).length : 0;
      // Between the page and its first event something may have come already: then once is told too much.
      if (stream.writable && (fresh > 0 || (!before && requests.length > 0))) {
        stream.write(`event: requests\ndata: ${requests.length}\n\n`);
      }
      await sleep(POLL_MS, undefined, { ref: false });
    }
  } catch (err) {
    platform.log.warn({ err }, 'the request log could not be followed');
  }
  if (stream.writable) stream.end();
}
