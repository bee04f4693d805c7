import { randomBytes, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, startTestServer } from '../support/server.ts';
import { run } from '../developers/support/programs.ts';
import { isSignedWith, type Receiver, startReceiver, typesOf } from '../support/event-receiver.ts';
import { deliverDueEvents } from '../../src/developers/apis/events/deliver-events.ts';
import { sendSet } from '../support/reports.ts';
import { shiftTime } from '../support/time.ts';
import { aPeopledOrganization, formTokenFor, type Peopled } from '../support/two-organizations.ts';
import type { Page, Visitor } from '../support/visitor.ts';
import { newApp } from '../support/world.ts';

type Server = Awaited<ReturnType<typeof startTestServer>>;

let server: Server;
let acme: Peopled;
let rival: Peopled;
let owner: Visitor;
let receiver: Receiver;
let at: string;
beforeAll(async () => {
  receiver = await startReceiver();
  const port = await freePort();
  const programs = [port].map((one) => `http://127.0.0.1:${one}`);
  server = await startTestServer({ outboundAllow: [receiver.origin, ...programs] });
  acme = await aPeopledOrganization(server, 'Acme');
  rival = await aPeopledOrganization(server, 'Rival');
  owner = acme.browsers.owner;
  at = `/developers/organizations/${acme.organizationId}/apis/${acme.apiId}`;
  programPort = port;
}, 60_000);
afterAll(async () => {
  await server.stop();
  await receiver.close();
});
let programPort = 0;

/** The program on a page, as a reader would copy it. */
function programOn({ html }: Page, id: string): string {
  const code = new RegExp(`id="${id}"[^>]*><code[^>]*>([\\s\\S]*?)</code>`).exec(html)?.[1] ?? '';
  return unescaped(code);
}

function unescaped(html: string): string {
  const named: Record<string, string> = { lt: '<', gt: '>', quot: '"', amp: '&' };
  return html
    .replace(/&#(\d+);/g, (_, point: string) => String.fromCharCode(Number(point)))
    .replace(/&(lt|gt|quot|amp);/g, (_, name: string) => named[name] ?? '');
}

const secretOn = ({ html }: Page) => /whsec_[A-Za-z0-9+/]{43}=/.exec(unescaped(html))?.[0] ?? '';

describe('the reports of an API in the portal', () => {
  it('begin with a key, are sent by the program on the page, and are listed with their reason', async () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const form = await owner.open(`${at}/reports/keys/new`);
    const added = await owner.submit(form, 'Add it', { Label: 'Gateway', keys: pem });
    expect(added.text).toContain('The key is registered');
    const { platform } = server;
    const api = await platform.db.api.findUniqueOrThrow({ where: { id: acme.apiId } });
    const notes = {
      organizationId: acme.organizationId,
      identifier: String(api.identifier),
      clientId: api.clientId,
      secret: '',
    };
    const scope = await platform.db.scope.findFirst({ where: { apiId: acme.apiId } });
    if (!scope)
      await platform.db.scope.create({
        data: {
          apiId: acme.apiId,
          name: 'notes:read',
          description: 'Read your notes',
          kind: 'read',
          sensitivity: 'basic',
        } as never,
      });
    const machine = await newApp(platform, notes, { type: 'machine', scopes: [scope?.name ?? 'notes:read'] });
    const answer = await fetch(`${server.url}/token`, {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa(`${machine.clientId}:${machine.secret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const program = programOn(await owner.open(`${at}/reports`), 'report-program');
    const secret = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const running = await run('javascript', program, { TOKEN: token }, { 'private-key.pem': secret });
    await running.says(/^202/m);
    await running.stop();
    const page = await owner.open(`${at}/reports`);
    expect(page.text).toContain('Reads the data of many people');
    expect(page.html).toContain(machine.clientId);
    const theirs = await rival.browsers.owner.open(
      `/developers/organizations/${rival.organizationId}/apis/${rival.apiId}/reports`,
    );
    expect(theirs.html).not.toContain(machine.clientId);
  });

  it('never show again what was pasted where it is refused', async () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const form = await owner.open(`${at}/reports/keys/new`);
    const page = await owner.submit(form, 'Add it', { Label: 'Gateway', keys: pem });
    expect(page.status).toBe(422);
    expect(page.html).not.toContain(pem.split('\n')[1]);
    expect(page.text).toContain('That is a private key');
  });

  it('have a key that a member ends, and none that another organization could', async () => {
    const [key] = await server.platform.db.apiReportKey.findMany({
      where: { apiId: acme.apiId, endedAt: null },
    });
    const theirs = `/developers/organizations/${rival.organizationId}/apis/${rival.apiId}/reports/keys/${key?.id}/ending`;
    expect((await rival.browsers.owner.open(theirs)).status).toBe(404);
    const form_token = formTokenFor(server.platform, rival.browsers.owner, theirs);
    await rival.browsers.owner.post(theirs, { form_token });
    expect(
      (await server.platform.db.apiReportKey.findUniqueOrThrow({ where: { id: String(key?.id) } })).endedAt,
    ).toBeNull();
    const page = await owner.submit(await owner.open(`${at}/reports/keys/${key?.id}/ending`), 'End it');
    expect(page.text).toContain('The key has ended');
    expect((await sendSet(server.url, randomBytes(9).toString('base64url'))).status).toBe(400);
  });
});

describe('the events of an API in the portal', () => {
  it('go to an address that answers, with a secret that is shown once', async () => {
    receiver.answer = 401;
    const form = await owner.open(`${at}/events/new`);
    const made = await owner.submit(form, 'Test and add it', { Address: `${receiver.origin}/hook` });
    expect(made.status).toBe(201);
    expect(made.text).toContain('It answered 401');
    const secret = secretOn(made);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(receiver.received[0] && isSignedWith(secret, receiver.received[0])).toBe(true);
    receiver.answer = 204;
    receiver.received.length = 0;
    const page = await owner.open(`${at}/events`);
    expect(page.html).not.toContain(secret);
    const tested = await owner.submit(page, 'Send a test');
    expect(tested.text).toContain('A test is on its way');
    await deliverDueEvents(server.platform);
    expect(typesOf(receiver.received)).toEqual(['target.tested']);
    expect((await owner.open(`${at}/events`)).text).toContain('Taken (204)');
  });

  it('say beside the field what is wrong with an address, and keep what was ticked', async () => {
    const form = await owner.open(`${at}/events/new`);
    const page = await owner.submit(form, 'Test and add it', {
      Address: 'https://127.0.0.1/hook',
      'session.ended': 'yes',
    });
    expect(page.status).toBe(422);
    expect(page.html).toContain('id="field-url-problem"');
    expect(page.html).toMatch(/name="session\.ended" value="yes" checked/);
  });

  it('are chosen, stopped and resumed, get a new secret, and end', async () => {
    const list = () => owner.open(`${at}/events`);
    const { db } = server.platform;
    const target = await db.eventTarget.findFirstOrThrow({ where: { apiId: acme.apiId } });
    const here = `${at}/events/targets/${target.id}`;
    const chosen = await owner.submit(await owner.open(here), 'Save', { 'account.closed': 'yes' });
    expect(chosen.html).toContain('<code>account.closed</code>');
    expect((await owner.submit(await list(), 'Stop')).text).toContain('Sending there is stopped');
    const resumed = await owner.submit(await owner.open(here), 'Save', { resumes: 'yes' });
    expect(resumed.text).toContain('It goes on');
    const rotated = await owner.submit(await owner.open(`${here}/rotation`), 'Make a new secret');
    expect(secretOn(rotated)).toMatch(/^whsec_/);
    expect((await list()).text).toContain('the old secret signs every message too');
    const theirs = here.replace(acme.organizationId, rival.organizationId).replace(acme.apiId, rival.apiId);
    for (const page of ['', '/rotation', '/removal']) {
      expect((await rival.browsers.owner.open(`${theirs}${page}`)).status).toBe(404);
      const form_token = formTokenFor(server.platform, rival.browsers.owner, `${theirs}${page}`);
      const answer = await rival.browsers.owner.post(`${theirs}${page}`, { form_token });
      expect(secretOn(answer)).toBe('');
    }
    const gone = await owner.submit(await owner.open(`${here}/removal`), 'Remove it');
    expect(gone.text).toContain('The address was removed');
    expect(await db.eventTarget.count({ where: { apiId: acme.apiId } })).toBe(0);
  });

  it('ask for a proof of who it is wherever it changes where they go or what signs them', async () => {
    const time = shiftTime(15 * 60);
    try {
      for (const page of ['/events/new', '/reports/keys/new']) {
        const answer = await owner.open(`${at}${page}`, { follow: false });
        expect([page, answer.status, answer.location?.includes('/sign-in')]).toEqual([page, 303, true]);
      }
    } finally {
      time.restore();
    }
  });

  it('are taken by the program on the page, which refuses what is forged, old or repeated', async () => {
    const program = programOn(await owner.open(`${at}/events`), 'event-program');
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    const variables = { EVENT_SECRET: secret, PORT: String(programPort) };
    const running = await run('javascript', program, variables);
    await running.says(/ready/);
    const { createHmac } = await import('node:crypto');
    const send = async (id: string, body: string, { key = secret, seconds = 0 } = {}) => {
      const timestamp = String(Math.floor(Date.now() / 1000) + seconds);
      const mac = createHmac('sha256', Buffer.from(key.slice(6), 'base64')).update(
        `${id}.${timestamp}.${body}`,
      );
      const headers = {
        ...{ 'webhook-id': id, 'webhook-timestamp': timestamp },
        'webhook-signature': `v1,AAAA v1,${mac.digest('base64')}`,
      };
      return (await fetch(`http://127.0.0.1:${programPort}/`, { method: 'POST', headers, body })).status;
    };
    const body = JSON.stringify({ type: 'session.ended', timestamp: 'now', data: { subject: 'abc' } });
    const other = `whsec_${randomBytes(32).toString('base64')}`;
    expect(await send('msg_1', body, { key: other })).toBe(401);
    expect(await send('msg_1', body, { seconds: -400 })).toBe(401);
    expect(await send('msg_1', body, { seconds: 400 })).toBe(401);
    expect(await send('msg_1', body)).toBe(204);
    await running.says(/session\.ended \{"subject":"abc"\}/);
    expect(await send('msg_1', body)).toBe(204);
    expect((await fetch(`http://127.0.0.1:${programPort}/`, { method: 'POST', body })).status).toBe(401);
    await running.stop();
  });
});
