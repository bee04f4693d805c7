import { markDelivered, type UndeliveredEvent, undeliveredEvents } from '../../audit/deliveries.ts';
import { BY_OPERATOR, findSuspension, type Suspension } from '../../defense/suspensions/suspension.ts';
import { noteOutliving } from '../../defense/suspensions/outliving.ts';
import { secondsAfter } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { type SuspensionNews, tellOfSuspension } from './suspension-letters.ts';

const READER = 'suspension-letters';
const ACTIONS = ['suspension.started', 'suspension.moved', 'suspension.ended'] as const;

/** Older news would puzzle more than help. */
const DAY = 86_400;

/**
 * Job: writes to the owners of what was suspended, slowed or released. The floor that suspends knows neither owners nor
 * letters, so it leaves events. Letter and mark are one transaction: none is lost over a kill, and of two processes one
 * writes it. Several events of one suspension since the last run are one letter about how it stands now.
 */
export async function tellOfSuspensions(platform: Platform): Promise<number> {
  const since = secondsAfter(platform.clock.now(), -DAY);
  let told = 0;
  for (;;) {
    const events: UndeliveredEvent[] = [];
    for (const action of ACTIONS) events.push(...(await undeliveredEvents(platform, action, READER, since)));
    for (const [id, about] of bySuspension(events)) told += await tellOnce(platform, id, about);
    if (events.length === 0) return told;
  }
}

function bySuspension(events: readonly UndeliveredEvent[]): Map<string, UndeliveredEvent[]> {
  const suspensions = new Map<string, UndeliveredEvent[]>();
  for (const event of events) {
    const id = event.targetId ?? '';
    suspensions.set(id, [...(suspensions.get(id) ?? []), event]);
  }
  return suspensions;
}

async function tellOnce(
  platform: Platform,
  id: string,
  events: readonly UndeliveredEvent[],
): Promise<number> {
  return inTransaction(platform, async (tx) => {
    const ids = events.map((event) => event.id);
    if ((await markDelivered(tx, READER, ids)).size === 0) return 0;
    const found = await findSuspension(tx, id);
    if (!found || found.dryRun) return 0;
    const suspension = await noteOutliving(tx, found);
    const news = newsOf(suspension);
    return news ? tellOfSuspension(tx, news, suspension) : 0;
  });
}

/** What is worth a letter. A probe was announced with its pause; an appeal brings a letter of its own. */
function newsOf({ state, endedBy, level, rule }: Suspension): SuspensionNews | undefined {
  if (state === 'slow' || state === 'pause' || state === 'human') return state;
  const acted = level > 0 || rule === BY_OPERATOR;
  return state === 'ended' && acted && (endedBy === 'time' || endedBy === 'operator') ? 'ended' : undefined;
}
