import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../src/main.ts';
import { listSigningKeys } from '../../src/oidc/signing-keys.ts';
import { atConsole } from '../support/console.ts';
import { startTestServer } from '../support/server.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const idsOf = async (state: string) =>
  (await listSigningKeys(server.platform)).filter((key) => key.state === state).map(({ kid }) => kid);

describe('the page of signing keys', () => {
  it('shows what signs, what comes next and never a private part, to whoever only reads without a way to rotate', async () => {
    const { browser } = await atConsole(server, 'auditor');
    const page = await browser.open('/admin/keys');
    for (const { kid, alg } of await listSigningKeys(server.platform)) {
      expect(page.text).toContain(kid);
      expect(page.text).toContain(alg);
    }
    expect(page.text).toContain('In use');
    expect(page.text).toContain('due for a change');
    expect(page.html).not.toContain('/admin/keys/rotation');
    expect((await browser.open('/admin/keys/rotation')).status).toBe(403);
  });

  it('rotates them for whoever ticks the box, in their name', async () => {
    const { browser, person } = await atConsole(server, 'security');
    const page = await browser.open('/admin/keys/rotation');
    const coming = await idsOf('next');
    for (const kid of coming) expect(page.text).toContain(kid);
    const refused = await browser.submit(page, 'Rotate signing keys', { sure: '' });
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('Tick the box');
    expect((await idsOf('next')).sort()).toEqual(coming.sort());
    const done = await browser.submit(page, 'Rotate signing keys', { sure: 'yes' });
    expect(done.text).toContain('The next keys sign from now on.');
    expect((await idsOf('active')).sort()).toEqual(coming.sort());
    expect(await idsOf('retired')).toHaveLength(coming.length);
    const event = await server.platform.db.auditEvent.findFirstOrThrow({
      where: { action: 'signing-keys.rotated' },
    });
    expect([event.actorKind, event.actorId]).toEqual(['operator', person.id]);
  });
});
