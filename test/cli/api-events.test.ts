import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aPublicKey } from '../support/assertions.ts';
import { createApi, openCommandLine, type TestCommandLine } from '../support/command-line.ts';
import { type Receiver, startReceiver } from '../support/event-receiver.ts';

const API = ['--api', 'https://notes.example'];

describe('what an API reports and is told, on the command line', () => {
  let cli: TestCommandLine;
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await startReceiver();
    cli = await openCommandLine({ OUTBOUND_ALLOW: receiver.origin });
    await cli.answerOf(createApi(cli.organization, 'https://notes.example'));
  });
  afterAll(async () => {
    await cli.close();
    await receiver.close();
  });

  it('api report-key adds, lists and ends', async () => {
    const key = JSON.stringify({ ...aPublicKey(), kid: 'gateway-1' });
    const added = ['api', 'report-key', 'add', ...API, '--label', 'Gateway', '--key', key];
    expect(await cli.answerOf(added)).toMatchObject({ added: [{ kid: 'gateway-1' }] });
    const { keys } = await cli.answerOf(['api', 'report-key', 'list', ...API]);
    const [first] = keys as { id: string; kid: string; last_used_at: null }[];
    expect(first).toMatchObject({ kid: 'gateway-1', last_used_at: null });
    await cli.answerOf(['api', 'report-key', 'end', ...API, '--key', String(first?.id)]);
    expect(await cli.answerOf(['api', 'report-key', 'list', ...API])).toMatchObject({ keys: [] });
    const again = await cli.gatehouse(['api', 'report-key', 'end', ...API, '--key', String(first?.id)]);
    expect([again.code, again.stderr]).toEqual([1, 'That key has ended already.\n']);
  });

  it('api report-key takes PEM, and no private key', async () => {
    const { generateKeyPairSync } = await import('node:crypto');
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const add = (key: string) =>
      cli.gatehouse(['api', 'report-key', 'add', ...API, '--label', 'PEM', '--key', key]);
    expect((await add(pem)).code).toBe(0);
    const secret = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const refused = await add(secret);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('private key')]);
  });

  it('api event-target adds, tests, rotates, stops, resumes and removes; event-delivery lists and repeats', async () => {
    const add = ['api', 'event-target', 'add', ...API, '--url', `${receiver.origin}/events`];
    const target = await cli.answerOf([...add, '--event', 'session.ended']);
    expect(target).toMatchObject({ secret: expect.stringMatching(/^whsec_/), test_status: 204 });
    const named = [...API, '--target', String(target.id)];
    const verb = (name: string) => cli.answerOf(['api', 'event-target', name, ...named]);
    expect(await verb('test')).toMatchObject({ done: 'test' });
    const listed = await cli.answerOf(['event-delivery', 'list', ...API]);
    const [delivery] = listed.deliveries as { id: string; state: string; event: string }[];
    expect(delivery).toMatchObject({ event: 'target.tested', state: 'on its way' });
    const repeat = ['event-delivery', 'repeat', ...API, '--delivery', String(delivery?.id)];
    expect(await cli.answerOf(repeat)).toMatchObject({ repeated: true });
    expect((await verb('rotate')).secret).not.toBe(target.secret);
    await verb('stop');
    expect((await cli.gatehouse(repeat)).stderr).toBe('Sending there is stopped. Let it go on first.\n');
    await verb('resume');
    const { targets } = await cli.answerOf(['api', 'event-target', 'list', ...API]);
    expect(targets).toEqual([expect.objectContaining({ events: ['session.ended'], stopped_at: null })]);
    await verb('remove');
    expect(await cli.answerOf(['event-delivery', 'list', ...API])).toMatchObject({ deliveries: [] });
  });

  it('api route adds, lists, refuses a twin, removes, and imports only where there is a document', async () => {
    const route = (verb: string, ...more: string[]) => ['api', 'route', verb, ...API, ...more];
    const add = route('add', '--method', 'GET', '--path', '/notes/{id}', '--scope', 'notes:read');
    expect(await cli.answerOf(add)).toMatchObject({ method: 'GET', scopes: ['notes:read'] });
    expect((await cli.gatehouse(add)).stderr).toContain('is listed already');
    const { routes } = await cli.answerOf(route('list'));
    const [first] = routes as { id: string }[];
    expect(routes).toMatchObject([{ path: '/notes/{id}', scopes: ['notes:read'], origin: 'owner' }]);
    const refused = await cli.gatehouse(route('import'));
    expect([refused.code, refused.stderr]).toEqual([1, 'No OpenAPI document was uploaded for this API.\n']);
    expect((await cli.gatehouse(route('remove', '--route', 'x'))).stderr).toBe('No route has this ID.\n');
    expect(await cli.answerOf(route('remove', '--route', String(first?.id)))).toMatchObject({
      removed: true,
    });
    expect(await cli.answerOf(route('list'))).toMatchObject({ routes: [] });
  });

  it('answers in one sentence where there is no such API', async () => {
    const other = ['--api', 'https://nobody.example'];
    for (const words of [
      ['api', 'report-key', 'list', ...other],
      ['api', 'event-target', 'list', ...other],
      ['event-delivery', 'list', ...other],
    ]) {
      const { code, stderr } = await cli.gatehouse(words);
      expect([code, stderr]).toEqual([1, 'No API has this identifier.\n']);
    }
  });
});
