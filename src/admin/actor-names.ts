import { accountsNamed } from '../accounts/account.ts';
import { UUID } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import type { Words } from '../platform/words/text-keys.ts';

/** Who did each of these, in words: people by name, everything else by what it is. */
export async function nameActors(
  platform: Platform,
  events: readonly { readonly actorKind: string; readonly actorId: string | null }[],
): Promise<Words[]> {
  const ids = events.flatMap(({ actorId }) => (actorId !== null && UUID.test(actorId) ? [actorId] : []));
  const people = await accountsNamed(platform, [...new Set(ids)]);
  return events.map(({ actorKind, actorId }): Words => {
    const name = people.get(actorId ?? '')?.name;
    if (name) return { key: 'admin-suspensions.by-name', values: { name } };
    if (actorKind === 'cli') return 'admin-suspensions.by-command-line';
    if (actorKind === 'job') return 'admin-suspensions.by-itself';
    return actorKind === 'client' ? 'admin-suspensions.by-api' : 'admin-suspensions.by-gone';
  });
}
