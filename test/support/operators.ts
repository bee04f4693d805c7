import type { OperatorRole } from '../../src/admin/roles.ts';
import type { Actor } from '../../src/audit/actor.ts';
import type { Platform } from '../../src/platform/platform.ts';
import { createPerson, type Person, type PersonInput } from './people.ts';

/** Somebody who has run this installation for a while, without a letter to anybody. */
export async function anOperator(
  platform: Platform,
  role: OperatorRole,
  { since = new Date('2026-01-01T12:00:00Z'), ...person }: PersonInput & { readonly since?: Date } = {},
): Promise<Person> {
  const operator = await createPerson(platform, { name: `${role} person`, ...person, operator: true });
  await platform.db.operator.create({
    data: { accountId: operator.id, role, createdBy: 'cli:test', createdAt: since },
  });
  return operator;
}

export const asOperator = ({ id }: { readonly id: string }): Actor => ({ kind: 'operator', id });
