import type { Platform } from '../../platform/platform.ts';
import { effectOf } from './ladder.ts';
import { suspensionOf } from './suspension.ts';

/** Whether nobody can be signed in as this account at present. */
export async function isAccountStopped({ db, clock }: Platform, accountId: string): Promise<boolean> {
  const rows = await db.suspension.findMany({
    where: { accountId, kind: 'account', endedAt: null, dryRun: false },
  });
  return rows.map(suspensionOf).some((row) => effectOf(row, clock.now()).share === 0);
}

/** What stops a client as a whole. */
export interface Stop {
  readonly id: string;
  readonly since: Date;
}

/** The stops in force of these clients, by client id, and of their organizations, by theirs. One statement. */
export async function stopsOfClients(
  { db, clock }: Platform,
  clients: readonly { readonly id: string; readonly organizationId: string }[],
): Promise<ReadonlyMap<string, Stop>> {
  if (clients.length === 0) return new Map();
  const ids = clients.map(({ id }) => id);
  const organizationIds = [...new Set(clients.map(({ organizationId }) => organizationId))];
  const rows = await db.suspension.findMany({
    where: {
      ...{ endedAt: null, dryRun: false },
      OR: [
        { kind: 'client', clientId: { in: ids } },
        { kind: 'organization', organizationId: { in: organizationIds } },
      ],
    },
  });
  const now = clock.now();
  const stopping = rows.map(suspensionOf).filter((row) => effectOf(row, now).share === 0);
  return new Map(
    stopping.map(({ id, clientId, organizationId, stateSince }) => [
      String(clientId ?? organizationId),
      { id, since: stateSince },
    ]),
  );
}
