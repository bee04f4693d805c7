import type { Platform } from '../platform/platform.ts';

/** When which browser was known for the account, for its owner to read. */
export function browsersOf({ db }: Platform, accountId: string): Promise<unknown> {
  return db.knownBrowser.findMany({
    where: { accountId },
    select: { createdAt: true, lastUsedAt: true, failures: true },
    orderBy: { createdAt: 'asc' },
  });
}
