import type { Actor } from '../audit/actor.ts';
import { markDelivered, type UndeliveredEvent, undeliveredEvents } from '../audit/deliveries.ts';
import { recordEvent } from '../audit/trail.ts';
import { secondsAfter } from '../platform/clock.ts';
import type { Platform } from '../platform/platform.ts';
import { inTransaction } from '../platform/transaction.ts';
import { partiesOfGrant } from '../tokens/grants.ts';
import { tellOfReuse } from './app-letters.ts';

const READER = 'reuse-notices';
const ACTOR: Actor = { kind: 'job', id: 'write-reuse-notices' };

/** Older news would puzzle more than help. */
const WEEK = 7 * 86_400;

/**
 * Job: writes a letter to everybody whose app presented a refresh token twice. The floor that notices it knows neither
 * people nor letters, so it leaves an event. Letter and mark are one transaction: none is lost over a kill, and of two
 * processes one writes it. Answers how many letters there were.
 */
export async function writeReuseNotices(platform: Platform): Promise<number> {
  const since = secondsAfter(platform.clock.now(), -WEEK);
  let written = 0;
  for (;;) {
    const events = await undeliveredEvents(platform, 'grant.reuse-detected', READER, since);
    for (const [grantId, about] of byGrant(events)) written += await tellOnce(platform, grantId, about);
    if (events.length === 0) return written;
  }
}

/** A race leaves several events about one grant: they are one piece of news. */
function byGrant(events: readonly UndeliveredEvent[]): Map<string, UndeliveredEvent[]> {
  const grants = new Map<string, UndeliveredEvent[]>();
  for (const event of events) {
    const grantId = event.targetId ?? '';
    grants.set(grantId, [...(grants.get(grantId) ?? []), event]);
  }
  return grants;
}

async function tellOnce(
  platform: Platform,
  grantId: string,
  events: readonly UndeliveredEvent[],
): Promise<number> {
  return inTransaction(platform, async (tx) => {
    const mine = await markDelivered(
      tx,
      READER,
      events.map(({ id }) => id),
    );
    // A code that is presented twice was stopped before anybody could use it: nothing for the person to do.
    const news = events.filter(({ id, details }) => mine.has(id) && details.artifact === 'refresh');
    const parties = news.length > 0 ? await partiesOfGrant(tx, grantId) : undefined;
    if (!parties) return 0;
    await tellOfReuse(tx, parties);
    // Whoever noticed it did not know whose grant it is: this one stands among what happened to the account.
    const target = { kind: 'account', id: parties.accountId };
    const details = { client: parties.clientId, grant: grantId };
    await recordEvent(tx, ACTOR, 'grant.reuse-told', target, details);
    return 1;
  });
}
