import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccount } from '../../../src/accounts/account.ts';
import { createOrganization, findOrganization } from '../../../src/developers/organizations/organization.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { ok, operator } from '../../support/developers.ts';
import { openTestPlatform } from '../../support/platform.ts';

let platform: OpenPlatform;
let ownerId: string;

beforeAll(async () => {
  platform = await openTestPlatform();
  const person = { email: 'Olive@Example.com', name: 'Olive', password: 'plum kettle orbit 93' };
  ownerId = ok(await createAccount(platform, operator, person)).account.id;
});
afterAll(() => platform.close());

describe('an organization', () => {
  it('belongs to the account that is named by its address, however that is written', async () => {
    const input = { name: '  Acme   Notes ', ownerEmail: ' olive@EXAMPLE.com' };
    const { organization } = ok(await createOrganization(platform, operator, input));
    expect(organization.name).toBe('Acme Notes');
    expect(await findOrganization(platform, organization.id)).toEqual(organization);
    const members = await platform.db.organizationMember.findMany({
      where: { organizationId: organization.id },
    });
    expect(members).toMatchObject([{ accountId: ownerId, role: 'owner' }]);
  });

  it('is recorded once, with who made it', async () => {
    const input = { name: 'Recorded', ownerEmail: 'olive@example.com' };
    const { organization } = ok(await createOrganization(platform, operator, input));
    const events = await platform.db.auditEvent.findMany({ where: { targetId: organization.id } });
    expect(events).toMatchObject([
      { action: 'organization.created', actorKind: 'cli', actorId: 'tester', details: { owner: ownerId } },
    ]);
  });

  it.each([
    ['owner', { name: 'Acme', ownerEmail: 'nobody@example.com' }],
    ['owner', { name: 'Acme', ownerEmail: 'not an address' }],
    ['name', { name: '\u202eAcme', ownerEmail: 'olive@example.com' }],
  ])('is refused because of its %s, and nothing is stored', async (reason, input) => {
    const before = await platform.db.organization.count();
    expect(await createOrganization(platform, operator, input)).toMatchObject({ ok: false, reason });
    expect(await platform.db.organization.count()).toBe(before);
  });

  it.each(['', 'x', '0', "' OR 1=1", '\0', '00000000-0000-0000-0000-000000000000'])(
    'is not found under %j',
    async (id) => {
      expect(await findOrganization(platform, id)).toBeUndefined();
    },
  );
});
