import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findClient } from '../../src/developers/clients/client.ts';
import { claimHost } from '../../src/developers/organizations/hosts.ts';
import { atConsole } from '../support/console.ts';
import { aClient, anApi, anOrganization, ok, operator } from '../support/developers.ts';
import { startTestServer } from '../support/server.ts';
import type { Visitor } from '../support/visitor.ts';

type Server = Awaited<ReturnType<typeof startTestServer>>;

let server: Server;
let acme: string;
let clientId: string;
let secret: string;
let auditor: Visitor;
beforeAll(async () => {
  server = await startTestServer();
  acme = await anOrganization(server.platform, 'Acme & Söhne');
  const made = await aClient(server.platform, acme, { name: 'Paper Planner' });
  clientId = made.client.id;
  secret = made.issued?.secret ?? '';
  await anApi(server.platform, acme, { name: 'Paper notes' });
  ok(await claimHost(server.platform, operator, { organizationId: acme, host: 'acme.example' }));
  auditor = (await atConsole(server, 'auditor')).browser;
}, 60_000);
afterAll(() => server.stop());

describe('organizations in the console', () => {
  it('are found by name, ID and the address of a member', async () => {
    const member = await server.platform.db.organizationMember.findFirstOrThrow({
      where: { organizationId: acme },
    });
    const { email } = await server.platform.db.account.findUniqueOrThrow({ where: { id: member.accountId } });
    for (const wish of ['söhne', acme, email]) {
      const found = await auditor.submit(await auditor.open('/admin/organizations'), 'Find', { q: wish });
      expect(found.links.get('Acme & Söhne'), wish).toBe(`/admin/organizations/${acme}`);
    }
    const none = await auditor.open('/admin/organizations?q=nobody%40example.com');
    expect(none.text).toContain('An address has to be written out in full.');
  });

  it('show their people, apps, APIs, hosts and what happened', async () => {
    const page = await auditor.open(`/admin/organizations/${acme}`);
    for (const fact of ['Olive Owner', 'Paper Planner', 'Paper notes', 'acme.example', 'claimed only']) {
      expect(page.text).toContain(fact);
    }
    expect((await auditor.open(`/admin/organizations/${acme}/events`)).status).toBe(200);
    expect((await auditor.open('/admin/organizations/x')).status).toBe(404);
    expect((await auditor.open(`/admin/organizations/${acme.replace(/.$/, 'f')}x`)).status).toBe(404);
  });
});

describe('apps in the console', () => {
  it('are found by name, client ID and redirect host', async () => {
    for (const wish of ['planner', clientId, 'app.example.com']) {
      const found = await auditor.submit(await auditor.open('/admin/clients'), 'Find', { q: wish });
      expect(found.links.get('Paper Planner'), wish).toBe(`/admin/clients/${clientId}`);
    }
  });

  it('show what they are and never a secret', async () => {
    const page = await auditor.open(`/admin/clients/${clientId}`);
    for (const fact of [
      'Paper Planner',
      'Acme & Söhne',
      'https://app.example.com/callback',
      'First secret',
    ]) {
      expect(page.text).toContain(fact);
    }
    expect(page.html).not.toContain(secret);
    expect((await auditor.open('/admin/clients/app_22222222222222222222')).status).toBe(404);
  });

  it('that an operator stopped without an end go on at one click of an operator', async () => {
    const { client } = await aClient(server.platform, acme, { name: 'Stopped' });
    const path = `/admin/clients/${client.id}`;
    // As operators of earlier releases did.
    const data = { suspendedAt: server.platform.clock.now(), suspendedBy: null };
    await server.platform.db.client.update({ where: { id: client.id }, data });
    expect((await auditor.open(path)).forms.filter(({ method }) => method === 'post')).toEqual([]);
    const guard = (await atConsole(server, 'security')).browser;
    const page = await guard.open(path);
    expect(page.text).toContain('An operator stopped it without an end');
    expect((await guard.submit(page, 'Let it go on', { client: clientId })).status).toBe(400);
    expect((await guard.submit(page, 'Let it go on')).text).toContain('The app goes on.');
    expect((await findClient(server.platform, client.id))?.suspendedAt).toBeNull();
  });

  it('are nobody else’s to look up', async () => {
    const support = (await atConsole(server, 'support')).browser;
    for (const path of ['/admin/clients', `/admin/clients/${clientId}`, `/admin/organizations/${acme}`]) {
      expect((await support.open(path)).status, path).toBe(403);
    }
  });
});
