import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { liveKeys } from '../../../src/developers/clients/credentials/keys.ts';
import { loadRegisteredClient } from '../../../src/developers/clients/registered-client.ts';
import { listSecrets } from '../../../src/developers/clients/credentials/secrets.ts';
import { digestOf } from '../../../src/platform/crypto/secrets.ts';
import { waitingLetters } from '../../../src/platform/mail/outbox.ts';
import { aPublicKey, aSigningKey } from '../../support/assertions.ts';
import { startTestServer } from '../../support/server.ts';
import { aPeopledOrganization, formTokenFor, type Peopled } from '../../support/two-organizations.ts';

type Server = Awaited<ReturnType<typeof startTestServer>>;

let server: Server;
let acme: Peopled;
let rival: Peopled;
let app: string;
let home: string;
beforeAll(async () => {
  server = await startTestServer();
  acme = await aPeopledOrganization(server, 'Acme');
  rival = await aPeopledOrganization(server, 'Rival');
  home = `/developers/organizations/${acme.organizationId}`;
  app = `${home}/apps/${acme.clientId}/credentials`;
}, 60_000);
afterAll(() => server.stop());

const live = async (holderId = acme.clientId) => (await listSecrets(server.platform, holderId)).live;
const secretIn = (text: string) => /gate_secret_[\w-]+/.exec(text)?.[0] ?? '';
const isLive = async (secret: string, holderId = acme.clientId) =>
  (await loadRegisteredClient(server.platform, holderId))?.secretDigests.some((digest) =>
    digest.equals(digestOf(secret)),
  );

describe('the pages of credentials', () => {
  it('make a secret, show it once, and tell the owners and the security role by whom and from where', async () => {
    const { developer } = acme.browsers;
    const form = await developer.open(`${app}/secrets/new`);
    const made = await developer.submit(form, 'Make the secret', { Label: 'Production' });
    expect(made.status).toBe(201);
    const secret = secretIn(made.text);
    expect(await isLive(secret)).toBe(true);
    expect(decodeURIComponent(made.html)).toContain(`CLIENT_SECRET=${secret}`);
    expect(made.headers.get('Cache-Control')).toContain('no-store');
    const list = await developer.open(made.links.get('I have stored it') ?? '');
    expect(list.html).not.toContain(secret);
    expect(list.text).toContain('Production');
    expect(list.text).toContain(secret.slice(0, 19));
    expect(list.text).toContain('by developer of Acme');
    const letters = (await waitingLetters(server.platform)).filter(({ text }) => text.includes('Production'));
    const { owner, security } = acme.people;
    expect(letters.map(({ to }) => to).sort()).toEqual([owner.email, security.email].sort());
    const [letter] = letters.map(({ text }) => text.replaceAll('\n', ' '));
    expect(letter).toContain('App of Acme');
    expect(letter).toContain('developer of Acme did this.');
    expect(letter).toMatch(/From the network: (127\.0\.0\.x|::1)/);
    expect(letter).not.toContain(secret);
  });

  it('replace a secret with an overlap, and show the new one once', async () => {
    const { security } = acme.browsers;
    const [secret] = await live();
    const form = await security.open(`${app}/secrets/${secret?.id}/rotation`);
    const made = await security.submit(form, 'Replace it', { overlap: 'week' });
    expect(made.status).toBe(201);
    expect(await isLive(secretIn(made.text))).toBe(true);
    const old = (await live()).find(({ id }) => id === secret?.id);
    expect(old?.endsWhenSilent).toBe(true);
    const days = ((old?.expiresAt?.getTime() ?? 0) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.9);
    const again = await security.post(`${app}/secrets/${secret?.id}/rotation`, {
      form_token: formTokenFor(server.platform, security, `${app}/secrets/${secret?.id}/rotation`),
      overlap: 'none',
    });
    expect([again.status, again.text]).toEqual([422, expect.stringContaining('being replaced already')]);
    expect((await live()).some(({ id }) => id === secret?.id)).toBe(true);
    // Both have the same label: what ends the old one says so, and shows how it begins.
    const ends = [...(await security.open(app)).links].find(([text]) => text.startsWith('End the old “'));
    expect(ends?.[1]).toContain(`${secret?.id}/ending`);
    expect((await security.open(ends?.[1] ?? '')).text).toContain('Begins with gate_secret_');
  });

  it('end a secret after they said what that means', async () => {
    const { owner } = acme.browsers;
    const [secret] = await live();
    const form = await owner.open(`${app}/secrets/${secret?.id}/ending`);
    const list = await owner.submit(form, 'End it');
    expect(list.text).toContain('The secret no longer works.');
    expect((await live()).some(({ id }) => id === secret?.id)).toBe(false);
    expect((await owner.open(`${app}/secrets/${secret?.id}/ending`)).status).toBe(404);
  });

  it('know the secrets and keys of the app in the address alone', async () => {
    const { owner } = acme.browsers;
    const [theirs] = await live(rival.clientId);
    for (const way of ['rotation', 'ending']) {
      const path = `${app}/secrets/${theirs?.id}/${way}`;
      expect((await owner.open(path)).status).toBe(404);
      const form_token = formTokenFor(server.platform, owner, path);
      const answer = await owner.post(path, { form_token, overlap: 'none' }, { follow: false });
      expect([303, 404]).toContain(answer.status);
    }
    expect(await live(rival.clientId)).toHaveLength(1);
  });

  it('take no holder, owner, end or maker from a form', async () => {
    const { owner } = acme.browsers;
    const path = `${app}/secrets/new`;
    const before = await live(rival.clientId);
    const answer = await owner.post(path, {
      form_token: formTokenFor(server.platform, owner, path),
      ...{ label: 'Smuggled', days: '30', holderId: rival.clientId, organizationId: rival.organizationId },
      ...{ createdBy: rival.people.owner.id, expiresAt: '', digest: 'x', secret: 'mine' },
    });
    expect(answer.status).toBe(201);
    const made = (await live()).find(({ label }) => label === 'Smuggled');
    expect(made?.createdBy).toBe(acme.people.owner.id);
    expect(made?.expiresAt).not.toBeNull();
    expect(await live(rival.clientId)).toEqual(before);
  });

  it('show whoever may only look no way to change anything', async () => {
    const page = await acme.browsers.viewer.open(app);
    expect(page.status).toBe(200);
    expect([...page.links.keys()].filter((text) => /Make|Replace|End|Add|Change|Fetch/.test(text))).toEqual(
      [],
    );
  });

  it('take a public key, and switch the app to it and back', async () => {
    const { owner } = acme.browsers;
    const method = await owner.open(`${app}/method`);
    const early = await owner.submit(method, 'Change it', { method: 'private_key_jwt' });
    expect([early.status, early.text]).toEqual([422, expect.stringContaining('Add one first')]);
    const form = await owner.open(`${app}/keys/new`);
    const keys = JSON.stringify(aPublicKey());
    const list = await owner.submit(form, 'Add it', { Label: 'Server', 'Public key': keys });
    expect(list.text).toContain('The key is registered.');
    const [key] = await liveKeys(server.platform, acme.clientId);
    expect(list.text).toContain(key?.thumbprint);
    const methodOf = async () => (await loadRegisteredClient(server.platform, acme.clientId))?.authMethod;
    await owner.submit(await owner.open(`${app}/method`), 'Change it', { method: 'private_key_jwt' });
    expect(await methodOf()).toBe('private_key_jwt');
    await owner.submit(await owner.open(`${app}/method`), 'Change it', { method: 'client_secret_basic' });
    expect(await methodOf()).toBe('client_secret_basic');
    const ending = await owner.open(`${app}/keys/${key?.id}/ending`);
    expect((await owner.submit(ending, 'End it')).text).toContain('The key no longer works.');
    expect(await liveKeys(server.platform, acme.clientId)).toEqual([]);
  });

  it('do not keep, show or record a private key that somebody pastes', async () => {
    const { owner } = acme.browsers;
    const form = await owner.open(`${app}/keys/new`);
    const pasted = JSON.stringify(aSigningKey().privateKey.export({ format: 'jwk' }));
    const { d } = JSON.parse(pasted) as { d: string };
    const page = await owner.submit(form, 'Add it', { Label: 'Oh no', 'Public key': pasted });
    expect([page.status, page.text]).toEqual([422, expect.stringContaining('That is a private key')]);
    expect(page.html).not.toContain(d);
    const { rows } = await server.platform.pool.query(
      'SELECT (SELECT count(*) FROM audit_events WHERE details::text LIKE $1) + (SELECT count(*) FROM client_keys WHERE jwk::text LIKE $1) AS found',
      [`%${d}%`],
    );
    expect(Number(rows[0].found)).toBe(0);
  });

  it('say why an app that keeps no secret has none', async () => {
    const { platform } = server;
    await platform.db.client.update({
      where: { id: acme.clientId },
      data: { type: 'spa', authMethod: 'none' },
    });
    const { owner } = acme.browsers;
    const page = await owner.open(app);
    expect(page.text).toContain('has no secret and needs none');
    for (const way of ['secrets/new', 'keys/new', 'key-address', 'method'])
      expect((await owner.open(`${app}/${way}`, { follow: false })).status).toBe(303);
    await platform.db.client.update({
      where: { id: acme.clientId },
      data: { type: 'web', authMethod: 'client_secret_basic' },
    });
  });

  it('serve an API with secrets alone', async () => {
    const { developer } = acme.browsers;
    const credentials = `${home}/apis/${acme.apiId}/credentials`;
    const page = await developer.open(credentials);
    expect(page.text).toContain('introspection');
    expect(page.text).not.toContain('Public keys');
    const form = await developer.open(`${credentials}/secrets/new`);
    const made = await developer.submit(form, 'Make the secret', { Label: 'Gateway' });
    const { clientId } = await server.platform.db.api.findUniqueOrThrow({ where: { id: acme.apiId } });
    expect(await isLive(secretIn(made.text), clientId)).toBe(true);
    expect((await developer.open(`${credentials}/keys/new`)).status).toBe(404);
  });
});
