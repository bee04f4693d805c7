import type { DataPart } from '../accounts/area/personal-data.ts';
import type { Platform } from '../platform/platform.ts';
import { clientsOf } from '../tokens/held.ts';

/** The organizations a person belongs to, for the file with everything we hold about them. */
export const organizationsHeld: DataPart = {
  name: 'organizations',
  read: ({ db }: Platform, accountId) =>
    db.organizationMember.findMany({
      where: { accountId },
      select: { role: true, createdAt: true, organization: { select: { id: true, name: true } } },
    }),
};

/** The names of the apps that stand in that file by their ids. */
export const appsHeld: DataPart = {
  name: 'apps',
  async read(platform, accountId) {
    const ids = await clientsOf(platform, accountId);
    return platform.db.client.findMany({
      where: { id: { in: ids } },
      select: { id: true, name: true, organization: { select: { name: true } } },
    });
  },
};
