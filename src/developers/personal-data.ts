import { findAccount } from '../accounts/account.ts';
import { normalizeAddress } from '../accounts/addresses.ts';
import type { DataPart } from '../accounts/area/personal-data.ts';
import type { Platform } from '../platform/platform.ts';
import { clientsOf } from '../tokens/held.ts';

/** The organizations a person belongs to, for the file with everything we hold about them. */
const organizationsHeld: DataPart = {
  name: 'organizations',
  read: ({ db }: Platform, accountId) =>
    db.organizationMember.findMany({
      where: { accountId },
      select: { role: true, createdAt: true, organization: { select: { id: true, name: true } } },
    }),
};

/** The names of the apps that stand in that file by their ids. */
const appsHeld: DataPart = {
  name: 'apps',
  async read(platform, accountId) {
    const ids = await clientsOf(platform, accountId);
    return platform.db.client.findMany({
      where: { id: { in: ids } },
      select: { id: true, name: true, organization: { select: { name: true } } },
    });
  },
};

/** The apps in development that a person tries out. */
const testedApps: DataPart = {
  name: 'tested_apps',
  read: ({ db }: Platform, accountId) =>
    db.clientTester.findMany({
      where: { accountId },
      select: { createdAt: true, client: { select: { id: true, name: true } } },
    }),
};

/** On which days a person was counted among those that an app reached at an API. */
const countedDays: DataPart = {
  name: 'counted_days',
  read: ({ db }: Platform, accountId) =>
    db.accessPerson.findMany({
      where: { accountId },
      select: { day: true, clientId: true, apiId: true },
      orderBy: { day: 'desc' },
      take: 10_000,
    }),
};

/** Which invitations name a person or were sent by them. Addresses of others are not theirs. */
export const invitationsHeld: DataPart = {
  name: 'invitations',
  async read(platform, accountId) {
    const { db } = platform;
    const address = normalizeAddress((await findAccount(platform, accountId))?.email ?? '');
    const select = {
      ...{ kind: true, role: true, clientId: true, createdAt: true, expiresAt: true },
      ...{ acceptedAt: true, declinedAt: true, withdrawnAt: true, organization: { select: { name: true } } },
    };
    return {
      received: await db.invitation.findMany({ where: { emailKey: address?.emailKey ?? '' }, select }),
      sent: await db.invitation.findMany({ where: { invitedBy: accountId }, select }),
    };
  },
};

/** Everything this floor adds to the file. */
export const DEVELOPER_PARTS: readonly DataPart[] = [
  organizationsHeld,
  appsHeld,
  testedApps,
  countedDays,
  invitationsHeld,
];
