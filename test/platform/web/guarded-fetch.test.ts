import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createListener, type Server as Listener } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config.ts';
import { type Fetched, guardedFetch, type Outbound } from '../../../src/platform/web/guarded-fetch.ts';
import { isPublicAddress } from '../../../src/platform/web/public-addresses.ts';
import { clockAt } from '../../support/clock.ts';
import { silentLog } from '../../support/platform.ts';
import { selfSigned } from '../mail/self-signed.ts';
import { HOSTILE_HOSTS, HOSTILE_NAMES, ownHosts } from './hostile-targets.ts';

const LIMITS = { maxBytes: 1_000, timeoutMs: 600 };
/** For what ends by itself, on a busy machine as well. */
const PATIENT = { ...LIMITS, timeoutMs: 15_000 };

function outbound(allowed: readonly string[] = []): Outbound & { clock: ReturnType<typeof clockAt> } {
  const loaded = loadConfig({ OUTBOUND_ALLOW: allowed.join(',') });
  if (!loaded.ok) throw new Error(loaded.faults.join('\n'));
  return { config: loaded.config, clock: clockAt(), log: silentLog };
}

function reasonOf(fetched: Fetched): string {
  return fetched.ok ? `fetched, ${fetched.status}` : fetched.reason;
}

async function listening<Kind extends Listener>(server: Kind, host?: string): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

describe('hostile targets', () => {
  let connections = 0;
  let port: number;
  const listener = createListener((socket) => {
    connections += 1;
    socket.destroy();
  });

  beforeAll(async () => {
    port = await listening(listener);
  });
  afterAll(() => listener.close());

  const hosts = [...HOSTILE_HOSTS, ...ownHosts().filter((host) => !isPublicAddress(host))];

  it(`are all refused in the same words, and ${hosts.length} of them see no connection`, async () => {
    expect(hosts.length).toBeGreaterThanOrEqual(120);
    const answers = await Promise.all(
      hosts.map(async (host) => [
        host,
        reasonOf(await guardedFetch(outbound(), `https://${host}:${port}/jwks`, LIMITS)),
      ]),
    );
    // What the URL parser knows for no host at all is refused as no address.
    expect(answers.filter(([, reason]) => reason !== 'unreachable' && reason !== 'refused')).toEqual([]);
    expect(answers.filter(([, reason]) => reason === 'refused').length).toBeLessThan(5);
    expect(connections).toBe(0);
  });

  it('hide behind names in vain, whatever the resolver says first or later', async () => {
    for (const [name, answers] of Object.entries(HOSTILE_NAMES)) {
      let asked = 0;
      const resolve = async () => answers[Math.min(asked++, answers.length - 1)] ?? [];
      const fetched = await guardedFetch(outbound(), `https://${name}:${port}/`, LIMITS, resolve);
      expect([name, reasonOf(fetched), asked]).toEqual([name, 'unreachable', 1]);
    }
    expect(connections).toBe(0);
  });

  it('cannot rebind: a name is asked for once, and the connection goes to what it was then', async () => {
    let asked = 0;
    const resolve = async () => (asked++ === 0 ? ['93.184.216.34'] : ['127.0.0.1']);
    const fetched = await guardedFetch(outbound(), `https://rebinding.example:${port}/`, LIMITS, resolve);
    expect([reasonOf(fetched), asked, connections]).toEqual(['unreachable', 1, 0]);
  });

  it.each([
    'http://93.184.216.34/',
    'ftp://93.184.216.34/',
    'file:///etc/passwd',
    'data:application/json,{}',
    'gopher://93.184.216.34/',
    'javascript:alert(1)',
    'https://user@93.184.216.34/',
    'https://user:secret@93.184.216.34/',
    'https://93.184.216.34:22/',
    'https://93.184.216.34:25/',
    'https://93.184.216.34:80/',
    'https://',
    'nonsense',
    '',
  ])('need an address we fetch from: %s', async (url) => {
    expect(reasonOf(await guardedFetch(outbound(), url, LIMITS))).toBe('refused');
  });

  it('learn nothing from the answer about ports that are open or closed', async () => {
    const closed = createListener();
    const closedPort = await listening(closed);
    await new Promise((resolve) => closed.close(resolve));
    const answers = await Promise.all(
      [port, closedPort].map((each) => guardedFetch(outbound(), `https://127.0.0.1:${each}/`, LIMITS)),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(connections).toBe(0);
  });
});

describe('the listener of these tests', () => {
  it('would have seen a connection', async () => {
    let connections = 0;
    const listener = createListener((socket) => {
      connections += 1;
      socket.destroy();
    });
    const origin = `https://127.0.0.1:${await listening(listener)}`;
    expect(reasonOf(await guardedFetch(outbound([origin]), origin, PATIENT))).toBe('unreachable');
    expect(connections).toBe(1);
    listener.close();
  });
});

describe('addresses', () => {
  it.each([
    '8.8.8.8',
    '93.184.216.34',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.0.1',
    '172.32.0.1',
    '192.0.1.1',
  ])('on the public internet are left alone: %s', (address) => expect(isPublicAddress(address)).toBe(true));

  it.each(['2606:2800:220:1::1', '2a00:1450:4001::1', '2001:4860:4860::8888', '2400:cb00::1'])(
    'of IPv6 as well: %s',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );
});

describe('a place that answers', () => {
  const seen: string[] = [];
  const answers: Record<string, RequestListener> = {
    '/good': (_request, response) =>
      response.setHeader('content-type', 'application/json').end('{"keys":[]}'),
    '/redirecting': (_request, response) => response.writeHead(302, { location: '/good' }).end(),
    '/moved': (_request, response) => response.writeHead(308, { location: 'http://127.0.0.1:1/' }).end(),
    '/declared': (_request, response) =>
      response.writeHead(200, { 'content-length': '1073741824' }).write('a'),
    '/huge': (_request, response) => {
      const block = Buffer.alloc(65_536);
      const write = () => {
        while (!response.destroyed && response.write(block));
      };
      response.on('drain', write);
      write();
    },
    '/bomb': (_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(10_000_000))),
    '/silent': () => {},
    '/dripping': (_request, response) => {
      const drip = setInterval(() => response.write('a'), 50);
      response.on('close', () => clearInterval(drip));
    },
    '/cut': (_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      setTimeout(() => response.destroy(), 20);
    },
    '/many-headers': (_request, response) => response.setHeader('x-long', 'a'.repeat(20_000)).end('{}'),
    '/missing': (_request, response) => response.writeHead(404).end('nothing here'),
  };
  const server: Server = createServer((request, response) => {
    seen.push(`${request.url} ${request.headers['accept-encoding']} ${request.headers.cookie}`);
    answers[String(request.url)]?.(request, response);
  });
  let origin: string;

  beforeAll(async () => {
    origin = `http://127.0.0.1:${await listening(server, '127.0.0.1')}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const ENDLESS = ['/silent', '/dripping'];
  const fetched = (path: string, platform = outbound([origin])) =>
    guardedFetch(platform, `${origin}${path}`, ENDLESS.includes(path) ? LIMITS : PATIENT);

  it('is read where an operator allows exactly its origin', async () => {
    expect(await fetched('/good')).toEqual({
      ok: true,
      status: 200,
      body: Buffer.from('{"keys":[]}'),
      contentType: 'application/json',
    });
    expect(seen).toEqual(['/good identity undefined']);
    const other = outbound([origin.replace('127.0.0.1', 'localhost'), origin.replace(/\d+$/, '1')]);
    expect(reasonOf(await fetched('/good', other))).toBe('refused');
  });

  it.each([
    ['/redirecting', 'redirected'],
    ['/moved', 'redirected'],
    ['/declared', 'too-large'],
    ['/huge', 'too-large'],
    ['/bomb', 'encoded'],
    ['/silent', 'unreachable'],
    ['/dripping', 'unreachable'],
    ['/cut', 'unreachable'],
    ['/many-headers', 'unreachable'],
    ['/missing', 'fetched, 404'],
  ])('with %s is %s', async (path, reason) => {
    // Without a time limit of its own what is endless would last as long as the test may.
    expect(reasonOf(await fetched(path))).toBe(reason);
  });

  it('is left alone for a minute after five failures in a row, and tried once then', async () => {
    const platform = outbound([origin]);
    for (let failure = 0; failure < 5; failure += 1)
      expect(reasonOf(await fetched('/cut', platform))).toBe('unreachable');
    expect(reasonOf(await fetched('/cut', platform))).toBe('resting');
    expect(reasonOf(await fetched('/good', platform))).toBe('fetched, 200');
    platform.clock.forward(61);
    expect(
      await Promise.all(
        [fetched('/cut', platform), fetched('/cut', platform)].map(async (each) => reasonOf(await each)),
      ),
    ).toEqual(['unreachable', 'resting']);
  });

  it('rests as a whole when no connection comes about', async () => {
    const platform = outbound();
    const resolve = async () => ['10.0.0.1'];
    const ask = async (path: string) =>
      reasonOf(await guardedFetch(platform, `https://down.example/${path}`, LIMITS, resolve));
    for (const path of ['1', '2', '3', '4', '5']) expect(await ask(path)).toBe('unreachable');
    expect(await ask('6')).toBe('resting');
  });

  it('needs a certificate that holds, even where an operator allows it', async () => {
    let requests = 0;
    const secure = createSecureServer(selfSigned(), (_request, response) => {
      requests += 1;
      response.end('{}');
    });
    const port = await listening(secure, '127.0.0.1');
    const allowed = `https://localhost:${port}`;
    expect(reasonOf(await guardedFetch(outbound([allowed]), `${allowed}/`, PATIENT))).toBe('unreachable');
    expect(requests).toBe(0);
    secure.close();
  });
});
