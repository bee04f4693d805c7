import type { Platform } from '../platform/platform.ts';
import { scopesOf } from './installations.ts';

/** What the account allowed which app, for its owner to read. */
export function consentsOf({ db }: Platform, accountId: string): Promise<unknown> {
  return db.consent.findMany({
    where: { accountId },
    select: {
      ...{ clientId: true, resource: true, scopes: true, grantedAt: true },
      ...{ until: true, unusedSeconds: true, lastUsedAt: true },
    },
    orderBy: { grantedAt: 'asc' },
  });
}

/** Every connection of an app and every personal token of the account; never what it is carried by. */
export async function grantsOf({ db }: Platform, accountId: string): Promise<unknown> {
  const rows = await db.grant.findMany({
    where: { accountId },
    select: {
      ...{ clientId: true, name: true, userAgent: true, keyThumbprint: true, endsWithSession: true },
      ...{ createdAt: true, expiresAt: true, revokedAt: true, lastUsedAt: true, payload: true },
    },
    orderBy: { createdAt: 'asc' },
  });
  return rows.map(({ payload, ...grant }) => ({ ...grant, scopes: scopesOf(payload) }));
}

/** The ids of all apps that the account ever allowed something, as long as we remember it. */
export async function clientsOf({ db }: Platform, accountId: string): Promise<string[]> {
  const select = { clientId: true } as const;
  const [consents, grants] = await Promise.all([
    db.consent.findMany({ where: { accountId }, select, distinct: ['clientId'] }),
    db.grant.findMany({ where: { accountId }, select, distinct: ['clientId'] }),
  ]);
  return [...new Set([...consents, ...grants].map(({ clientId }) => clientId))];
}
