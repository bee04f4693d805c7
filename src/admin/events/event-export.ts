import { type EventSearch, type FoundEvent, searchEvents } from '../../audit/search.ts';
import type { Platform } from '../../platform/platform.ts';

/** An export ends after so many lines; a narrower time gives the rest. */
export const LONGEST_EXPORT = 100_000;

const BATCH = 1_000;

/** Every event of a search as one line of JSON each, newest first, read batch by batch. */
export async function* exportEvents(platform: Platform, search: EventSearch): AsyncGenerator<string> {
  let before: string | undefined;
  for (let lines = 0; lines < LONGEST_EXPORT; lines += BATCH) {
    const batch = await searchEvents(platform, search, { before, take: BATCH });
    yield batch.map(asLine).join('');
    before = batch.at(-1)?.id;
    if (batch.length < BATCH) return;
  }
}

export function asLine(event: FoundEvent): string {
  const { id, at, action, actorKind, actorId, targetKind, targetId, requestId, details } = event;
  return `${JSON.stringify({
    ...{ id, at: at.toISOString(), action },
    actor: { kind: actorKind, id: actorId },
    target: { kind: targetKind, id: targetId },
    ...{ request_id: requestId, details },
  })}\n`;
}
