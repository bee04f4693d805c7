import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { count } from '../src/defense/sign-in-watch/minutes.ts';
import { noteTried, triedAccount } from '../src/defense/sign-in-watch/tried-accounts.ts';
import { noteSignal } from '../src/defense/signals/note.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { postmasterPid } from './support/embedded.ts';
import { PATIENCE } from './support/patience.ts';
import { openTestPlatform } from './support/platform.ts';
import { freePort, startTestServer } from './support/server.ts';
import { type ServerProcess, spawnServer, startServerProcess } from './support/server-process.ts';

const running: ServerProcess[] = [];
let database: TestDatabase;
let env: Record<string, string>;

beforeAll(async () => {
  database = await createTestDatabase();
  env = {
    DATABASE_URL: database.databaseUrl,
    DIRECT_DATABASE_URL: database.directDatabaseUrl,
    ENCRYPTION_KEYS: database.encryptionKeys,
  };
});
afterEach(() => Promise.all(running.splice(0).map((server) => server.kill('SIGKILL'))));
afterAll(() => database.drop());

async function started(more: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await startServerProcess({ ...env, ...more });
  running.push(server);
  return server;
}

/** A request whose body is still missing its last byte, so that it stays in flight until `finish`. */
async function requestInFlight({ port }: ServerProcess) {
  const socket: Socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  socket.write(
    `POST /sign-in HTTP/1.1\r\nHost: localhost:${port}\r\nOrigin: http://localhost:${port}\r\n` +
      'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\nExpect: 100-continue\r\n\r\nemail=',
  );
  // The server says itself that it has begun.
  const begun = 'HTTP/1.1 100 Continue\r\n\r\n';
  await expect.poll(() => answer, PATIENCE).toBe(begun);
  return {
    socket,
    async finish() {
      socket.write('x');
      await closed;
      return answer.slice(begun.length);
    },
  };
}

describe('a server that is told to stop', () => {
  it('is not ready at once, answers what is in flight, closes every socket and ends with 0', async () => {
    const server = await started();
    const idle = connect(server.port, '127.0.0.1');
    await once(idle, 'connect');
    const flying = await requestInFlight(server);
    const ended = server.kill('SIGTERM');
    await once(idle, 'close');
    const ready = await fetch(`http://127.0.0.1:${server.metricsPort}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({ ready: false, reasons: ['the server is stopping'] });
    await expect(fetch(`http://127.0.0.1:${server.port}/`)).rejects.toThrow();
    const answer = await flying.finish();
    expect(answer).toMatch(/^HTTP\/1\.1 [34]\d\d /);
    expect(answer).toMatch(/\r\nConnection: close\r\n/i);
    expect(await ended).toBe(0);
  });

  it('writes what the watch has collected since its last second', async () => {
    const server = await startTestServer({ database });
    const { platform } = server;
    const address = '2001:db8:77::1';
    const tried = triedAccount(platform, 'nobody@example.org', address);
    noteTried(platform, tried, 0);
    count(platform, 'sign-in-wrong', {});
    noteSignal(platform, { signal: 'sign-in-failed', subject: { kind: 'address', id: address } });
    await server.stop();
    const reader = await openTestPlatform({ database });
    const { rows } = await reader.pool.query<{ signal: string }>(
      'SELECT signal FROM signal_counts UNION SELECT signal FROM signal_members',
    );
    await reader.close();
    expect(rows.map(({ signal }) => signal)).toEqual(
      expect.arrayContaining(['sign-in-failed', 'sign-in-tried', 'sign-in-wrong']),
    );
  });

  it('ends although a request never does, and sooner when told again', { timeout: 60_000 }, async () => {
    const [patient, hurried] = await Promise.all([started(), started()]);
    await Promise.all([requestInFlight(patient), requestInFlight(hurried)]);
    const ends: string[] = [];
    const note = (server: ServerProcess, name: string) =>
      server.ended.then((how) => ends.push(`${name} with ${how}`));
    const both = [note(patient, 'patient'), note(hurried, 'hurried')];
    for (const { child } of [patient, hurried]) child.kill('SIGTERM');
    // What comes in the first second is the same Ctrl-C, passed on twice.
    const again = setInterval(() => hurried.child.kill('SIGTERM'), 500);
    await Promise.all(both);
    clearInterval(again);
    expect(ends).toEqual(['hurried with 0', 'patient with 0']);
  });
});

describe('a server that cannot start', () => {
  it('lists every fault of its configuration and ends with 78', async () => {
    const server = await spawnServer({ ISSUER_URL: 'https://id.example.com', LOG_LEVEL: 'loud' });
    expect(await server.ended).toBe(78);
    expect(server.errors().trim().split('\n')).toEqual([
      expect.stringMatching(/^LOG_LEVEL must be one of/),
      expect.stringMatching(/^DATABASE_URL is needed in production/),
      expect.stringMatching(/^ENCRYPTION_KEYS is needed in production/),
      expect.stringMatching(/^SMTP_URL is needed in production/),
    ]);
  });

  it.each(['PORT', 'METRICS_PORT'])('says in one sentence that %s is taken', async (variable) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const server = await spawnServer({ ...env, [variable]: String(port), ISSUER_URL: 'http://localhost:1' });
    expect(await server.ended).toBe(1);
    expect(server.errors()).toBe(
      `Port ${port} on 127.0.0.1 is taken by another program; stop it, or set ${variable} to another port.\n`,
    );
    other.close();
  });

  it.each<[string, Record<string, string>, RegExp]>([
    [
      'a database that is not there',
      { DATABASE_URL: 'postgresql://u:CANARY@127.0.0.1:1/x' },
      /^The database cannot be reached: .+\.$/,
    ],
    [
      'a host of another machine',
      { HOST: '192.0.2.1' },
      /^This machine has no address 192\.0\.2\.1; correct HOST\.$/,
    ],
    [
      'the keys of another database',
      { ENCRYPTION_KEYS: 'a:q8Xw3m2ZrT0uVbN1yHc5Lk7JdFgSaPoIeUxMzWtRv4Y' },
      /^The encryption keys do not open .+\.$/,
    ],
  ])('says in one sentence: %s', async (_, wrong, sentence) => {
    const { DIRECT_DATABASE_URL, ...rest } = env;
    const direct: Record<string, string> =
      'DATABASE_URL' in wrong ? {} : { DIRECT_DATABASE_URL: String(DIRECT_DATABASE_URL) };
    const server = await spawnServer({ ...rest, ...direct, ...wrong });
    expect(await server.ended).toBe(1);
    expect(server.errors().trim()).toMatch(sentence);
    expect(server.errors()).not.toContain('CANARY');
  });
});

describe('servers without a configured database', () => {
  const folder = mkdtempSync('/tmp/gatehouse-main-');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('keep a signal that comes during the start until they can stop in order', async () => {
    const server = await spawnServer({ DATA_DIR: folder });
    running.push(server);
    while (postmasterPid(folder) === undefined) await sleep(10);
    expect(await server.kill('SIGTERM')).toBe(0);
    expect(server.errors()).toBe('');
    expect(postmasterPid(folder)).toBeUndefined();
  });

  it('share the one in DATA_DIR, answer to the issuer on any port, and leave nothing running', async () => {
    const issuerPort = await freePort();
    const shared = { DATA_DIR: folder, ISSUER_URL: `http://localhost:${issuerPort}` };
    const both = await Promise.all([
      startServerProcess({ ...shared, PORT: String(issuerPort) }),
      startServerProcess(shared),
    ]);
    running.push(...both);
    const keys = await Promise.all(both.map(({ port }) => jwksFrom(port, issuerPort)));
    expect(keys[0]).toEqual(keys[1]);
    expect(await both[0].kill('SIGTERM')).toBe(0);
    expect(postmasterPid(folder)).toBeDefined();
    expect(await both[1].kill('SIGTERM')).toBe(0);
    expect(postmasterPid(folder)).toBeUndefined();
  });

  it('go on after kill -9 with what they had', async () => {
    const port = await freePort();
    const at = { DATA_DIR: folder, PORT: String(port) };
    const first = await startServerProcess(at);
    const before = await jwksFrom(port, port);
    await first.kill('SIGKILL');
    const second = await startServerProcess(at);
    expect(await jwksFrom(port, port)).toEqual(before);
    expect(await second.kill('SIGTERM')).toBe(0);
    expect(postmasterPid(folder)).toBeUndefined();
  });
});

async function jwksFrom(port: number, issuerPort: number): Promise<unknown> {
  // fetch does not let a caller choose the Host.
  const socket = connect(port, '127.0.0.1');
  socket.end(`GET /jwks HTTP/1.1\r\nHost: localhost:${issuerPort}\r\nConnection: close\r\n\r\n`);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));
}

describe('the log of a server', () => {
  it('holds nothing that a visitor sent: no query, path, cookie, header, form field', async () => {
    const server = await started({ LOG_LEVEL: 'trace' });
    const secret = 'CANARY-q8Xw3m2ZrT0uVbN1yHc5Lk7JdFgSaPoIeUxMzWtRv4Y';
    const headers = {
      Cookie: `session=${secret}; gatehouse_session=${secret}`,
      Authorization: `Bearer ${secret}`,
      'User-Agent': secret,
      Referer: `http://${secret}/`,
      'X-Forwarded-For': secret,
      Origin: server.url,
    };
    const form = { ...headers, 'Content-Type': 'application/x-www-form-urlencoded' };
    const body = `email=${secret}&password=${secret}&code=${secret}&token=${secret}&client_id=${secret}&client_secret=${secret}&grant_type=authorization_code`;
    const paths = [
      '/',
      '/sign-in',
      '/sign-up',
      '/authorize',
      '/token',
      '/token/introspection',
      '/userinfo',
      `/interaction/${secret}`,
      `/${secret}`,
      '/sign-up/verification',
    ];
    for (const path of paths) {
      await fetch(`${server.url}${path}?code=${secret}&ticket=${secret}`, { headers, redirect: 'manual' });
      await fetch(`${server.url}${path}`, { method: 'POST', headers: form, body, redirect: 'manual' });
    }
    await fetch(`${server.url}/%00${secret}`, { headers: { 'X-Request-Id': 'CANARY not well-formed' } });
    await server.kill('SIGTERM');
    expect(server.output()).toContain('"msg":"request"');
    expect(server.output()).not.toContain('CANARY');
  });
});
