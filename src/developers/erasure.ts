import type { ErasurePart } from '../accounts/area/closing.ts';

/**
 * A person whose account is erased belongs to no organization and tests no app any more, and no invitation holds their
 * address. Owners are not erased: their organizations demand that they stay. What names them by id alone stays, as in
 * the audit trail.
 */
export const eraseFromPortal: ErasurePart = async ({ db }, { accountId, emailKey }) => {
  await db.organizationMember.deleteMany({ where: { accountId } });
  await db.clientTester.deleteMany({ where: { accountId } });
  await db.accessPerson.deleteMany({ where: { accountId } });
  await db.invitation.deleteMany({ where: { emailKey } });
};
