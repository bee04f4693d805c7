import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addToDomain, removeFromDomain } from '../../src/accounts/trust-domain-members.ts';
import { createTrustDomain, MAIN_DOMAIN } from '../../src/accounts/trust-domains.ts';
import { registerApi } from '../../src/developers/apis/api.ts';
import { createClient } from '../../src/developers/clients/registration.ts';
import type { RunningServer } from '../../src/main.ts';
import { ok } from '../support/developers.ts';
import { startTestServer } from '../support/server.ts';
import { Visitor } from '../support/visitor.ts';
import { newOrganization, newPerson, OPERATOR, type Person, signIn } from '../support/world.ts';

let server: RunningServer;
let organizationId: string;
let staff: string;
/** Of main alone, of the staff alone, and of both. */
let customer: Person;
let employee: Person;
let both: Person;

beforeAll(async () => {
  server = await startTestServer();
  const { platform } = server;
  staff = ok(await createTrustDomain(platform, OPERATOR, { name: 'staff', title: 'Example staff' })).domain
    .id;
  organizationId = await newOrganization(platform);
  [customer, employee, both] = [
    await newPerson(platform),
    await newPerson(platform),
    await newPerson(platform),
  ];
  for (const { email } of [employee, both])
    ok(await addToDomain(platform, OPERATOR, { email, domain: 'staff' }));
  ok(await removeFromDomain(platform, OPERATOR, { email: employee.email, domain: 'main' }));
  for (const { id: accountId } of [customer, employee, both])
    await platform.db.organizationMember.create({
      data: { organizationId, accountId, role: 'owner', createdAt: platform.clock.now() },
    });
});
afterAll(() => server.stop());

describe('what a person makes', () => {
  let made = 0;
  const app = (by: Person, trustDomainId?: string) =>
    createClient(
      server.platform,
      { kind: 'account', id: by.id },
      {
        ...{ organizationId, name: `Planner ${++made}`, type: 'machine', stage: 'live', trustDomainId },
      },
    );
  const api = (by: Person, trustDomainId?: string) =>
    registerApi(
      server.platform,
      { kind: 'account', id: by.id },
      {
        ...{ organizationId, name: 'Notes', identifier: `https://n${++made}.example`, trustDomainId },
      },
    );

  it('belongs to a trust domain of their own, main before others', async () => {
    for (const [by, expected] of [
      [customer, MAIN_DOMAIN],
      [employee, staff],
      [both, MAIN_DOMAIN],
    ] as const) {
      expect(ok(await app(by)).client.trustDomainId).toBe(expected);
      expect(ok(await api(by)).api.trustDomainId).toBe(expected);
    }
  });

  it('belongs where they say, if they do', async () => {
    expect(ok(await app(both, staff)).client.trustDomainId).toBe(staff);
    expect(ok(await api(both, staff)).api.trustDomainId).toBe(staff);
    const elsewhere = { ok: false, reason: 'trust-domain' };
    expect(await app(customer, staff)).toMatchObject(elsewhere);
    expect(await api(customer, staff)).toMatchObject(elsewhere);
    expect(await app(employee, MAIN_DOMAIN)).toMatchObject(elsewhere);
    expect(await api(employee, crypto.randomUUID())).toMatchObject(elsewhere);
  });
});

describe('the forms of the portal', () => {
  const form = async (person: Person, path: string) => {
    const visitor = new Visitor(server.url);
    await signIn(visitor, person);
    const page = await visitor.open(`/developers/organizations/${organizationId}/${path}`);
    return { visitor, page };
  };

  it('ask only whoever belongs to more than one', async () => {
    const { page } = await form(customer, 'apps/new?type=machine');
    expect(page.html).not.toContain('name="trustDomain"');
  });

  it('make an app where its maker chose, and refuse what was not offered', async () => {
    const { visitor, page } = await form(both, 'apps/new?type=machine');
    expect(page.html).toContain('Example staff');
    const foreign = await visitor.submit(page, 'Register it', {
      Name: 'Night job',
      trustDomain: crypto.randomUUID(),
    });
    expect([foreign.status, foreign.text]).toEqual([422, expect.stringContaining('do not belong')]);
    const done = await visitor.submit(page, 'Register it', { Name: 'Night job', trustDomain: staff });
    expect(done.status).toBe(201);
    const row = await server.platform.db.client.findFirst({ where: { name: 'Night job' } });
    expect(row?.trustDomainId).toBe(staff);
  });
});
