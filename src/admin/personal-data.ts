import type { DataPart } from '../accounts/area/personal-data.ts';

/** Whether a person runs this installation, and as what, for the file with everything we hold about them. */
export const ADMIN_PARTS: readonly DataPart[] = [
  {
    name: 'operator',
    read: ({ db }, accountId) =>
      db.operator.findUnique({ where: { accountId }, select: { role: true, createdAt: true } }),
  },
];
