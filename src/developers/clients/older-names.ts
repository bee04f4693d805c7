import type { Platform } from '../../platform/platform.ts';
import { skeletonOf } from '../look-alikes.ts';

const BATCH = 500;

/**
 * Job: gives apps their name key that came from a release without one, or from a server that still runs it. Until then a
 * live app could be imitated. Names of signs alone have no key and are passed over. Answers how many got one.
 */
export async function keyOlderNames({ db }: Pick<Platform, 'db'>): Promise<number> {
  let keyed = 0;
  for (let after = ''; ; ) {
    const rows = await db.client.findMany({
      where: { nameKey: '', id: { gt: after } },
      select: { id: true, name: true },
      orderBy: { id: 'asc' },
      take: BATCH,
    });
    for (const { id, name } of rows) {
      const nameKey = skeletonOf(name);
      // Whoever renames it at the same moment writes the key of the new name.
      const where = { id, name, nameKey: '' };
      if (nameKey !== '') keyed += (await db.client.updateMany({ where, data: { nameKey } })).count;
    }
    const last = rows.at(-1);
    if (!last || rows.length < BATCH) return keyed;
    after = last.id;
  }
}
