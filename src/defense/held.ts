import type { Platform } from '../platform/platform.ts';

/** When which browser was known for the account, for its owner to read. */
export function browsersOf({ db }: Platform, accountId: string): Promise<unknown> {
  return db.knownBrowser.findMany({
    where: { accountId },
    select: { createdAt: true, lastUsedAt: true, failures: true },
    orderBy: { createdAt: 'asc' },
  });
}

/** When the account was suspended, by which rule and until when, for its owner to read. */
export function accountSuspensionsOf({ db }: Platform, accountId: string): Promise<unknown> {
  return db.suspension.findMany({
    where: { accountId },
    select: {
      kind: true,
      rule: true,
      note: true,
      startedAt: true,
      until: true,
      endedAt: true,
      endedBy: true,
    },
    orderBy: { id: 'asc' },
  });
}
