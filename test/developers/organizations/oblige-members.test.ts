import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasObligation, type ObligationKind } from '../../../src/accounts/obligations.ts';
import { resumeClient, suspendClient } from '../../../src/developers/clients/suspension.ts';
import { createOrganization } from '../../../src/developers/organizations/organization.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { aClient, ok, operator } from '../../support/developers.ts';
import { createPerson } from '../../support/people.ts';
import { openTestPlatform } from '../../support/platform.ts';

const member = { kind: 'account', id: '01890000-0000-7000-8000-000000000001' } as const;

const KINDS: ObligationKind[] = ['second-factor', 'hold-closing', 'no-slow-reset'];

describe('an organization', () => {
  let platform: OpenPlatform;
  beforeAll(async () => {
    platform = await openTestPlatform();
  });
  afterAll(() => platform.close());

  async function anOwner() {
    const person = await createPerson(platform);
    const { organization } = ok(
      await createOrganization(platform, operator, { name: 'Acme', ownerEmail: person.email }),
    );
    return { accountId: person.id, organizationId: organization.id };
  }

  async function demandsOn(accountId: string): Promise<ObligationKind[]> {
    const held = await Promise.all(KINDS.map((kind) => hasObligation(platform, accountId, kind)));
    return KINDS.filter((_, index) => held[index]);
  }

  it('demands a second factor of its owner, and that the owner stays', async () => {
    const { accountId } = await anOwner();
    expect(await demandsOn(accountId)).toEqual(['second-factor', 'hold-closing']);
  });

  it('lets nobody reset the factors of its owner by waiting while one of its apps is live', async () => {
    const { accountId, organizationId } = await anOwner();
    const first = (await aClient(platform, organizationId)).client.id;
    expect(await demandsOn(accountId)).toEqual(KINDS);
    const second = (await aClient(platform, organizationId)).client.id;
    await suspendClient(platform, member, first);
    expect(await demandsOn(accountId)).toEqual(KINDS);
    await suspendClient(platform, member, second);
    expect(await demandsOn(accountId)).toEqual(['second-factor', 'hold-closing']);
    await resumeClient(platform, member, second);
    expect(await demandsOn(accountId)).toEqual(KINDS);
  });

  it('demands of members that are no owners a second factor alone', async () => {
    const { organizationId } = await anOwner();
    const member = await createPerson(platform);
    await platform.db.organizationMember.create({
      data: { organizationId, accountId: member.id, role: 'developer', createdAt: platform.clock.now() },
    });
    await aClient(platform, organizationId);
    expect(await demandsOn(member.id)).toEqual(['second-factor']);
  });

  it('keeps its demands right when apps are made and suspended at the same time', async () => {
    const { accountId, organizationId } = await anOwner();
    for (let round = 0; round < 5; round += 1) {
      const { id } = (await aClient(platform, organizationId)).client;
      const [made] = await Promise.all([
        aClient(platform, organizationId),
        suspendClient(platform, member, id),
      ]);
      expect(await demandsOn(accountId)).toEqual(KINDS);
      await suspendClient(platform, member, made.client.id);
      expect(await demandsOn(accountId)).toEqual(['second-factor', 'hold-closing']);
    }
  });

  it('leaves the demands of another organization on the same person alone', async () => {
    const person = await createPerson(platform);
    const names = ['One', 'Two'];
    const made = await Promise.all(
      names.map((name) => createOrganization(platform, operator, { name, ownerEmail: person.email })),
    );
    const [one, two] = made.map((outcome) => ok(outcome).organization.id);
    const { id } = (await aClient(platform, String(one))).client;
    await aClient(platform, String(two));
    await suspendClient(platform, member, id);
    expect(await demandsOn(person.id)).toEqual(KINDS);
  });
});
