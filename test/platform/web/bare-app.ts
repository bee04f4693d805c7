import { randomBytes } from 'node:crypto';
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import Koa from 'koa';
import type { Config } from '../../../src/config.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { INSTALLATION_SECRETS, vaultOf } from '../../../src/platform/crypto/vault.ts';
import { openTransport } from '../../../src/platform/mail/transport.ts';
import { openLogger } from '../../../src/platform/observability/logger.ts';
import type { Platform } from '../../../src/platform/platform.ts';
import type { Settings } from '../../../src/platform/settings.ts';
import type { Context, Handler, RequestState } from '../../../src/platform/web/context.ts';
import { errorEdge, logBrokenConnections } from '../../../src/platform/web/errors.ts';
import { issuerRequests, pinIssuer } from '../../../src/platform/web/request.ts';
import { securityHeaders } from '../../../src/platform/web/security-headers.ts';

/** The middleware of the front door around `handlers`, over real HTTP, without a database. */
export async function bareApp(handlers: Handler[], settings: Partial<Config> = {}) {
  const logged: Record<string, unknown>[] = [];
  return { ...(await frontDoor(barePlatform(settings, logged), handlers)), logged };
}

/** The same in front of any platform. */
export async function frontDoor(platform: Platform, handlers: Handler[]) {
  const app = new Koa<RequestState>();
  pinIssuer(app, platform.config);
  logBrokenConnections(app, platform);
  for (const part of [securityHeaders(platform), issuerRequests(platform), errorEdge(platform), ...handlers])
    app.use(part);
  const server = createServer(app.callback()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    platform,
    port,
    ask: (path: string, options: Asking = {}) =>
      ask(port, path, { host: platform.config.issuerHost, ...options }),
    raw: (text: string) => raw(port, text),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A handler as a one-line answer, for tests that look at the way to it. */
export const answering = (answer: (ctx: Context) => unknown): Handler => {
  return (ctx) => {
    ctx.body = answer(ctx);
  };
};

export function bareConfig(settings: Partial<Config> = {}): Config {
  const issuer = settings.issuer ?? 'http://localhost:3000';
  const { host, hostname, protocol } = new URL(issuer);
  return {
    issuer,
    issuerHost: host,
    production: hostname !== 'localhost',
    secure: protocol === 'https:',
    port: 0,
    host: '127.0.0.1',
    metricsPort: 0,
    dataDir: '/nonexistent',
    mailFrom: 'Gatehouse <no-reply@localhost>',
    trustProxy: { hops: 0 },
    internalHosts: [],
    outboundAllow: [],
    logLevel: 'info',
    ...settings,
  };
}

function barePlatform(overrides: Partial<Config>, logged: Record<string, unknown>[]): Platform {
  const config = bareConfig(overrides);
  const vault = vaultOf(
    [{ id: 'test', key: randomBytes(32) }],
    new Map(INSTALLATION_SECRETS.map((name) => [name, randomBytes(32)])),
  );
  const log = openLogger({ level: 'info', to: { write: (line) => logged.push(JSON.parse(line)) } });
  // No database: what is tested here must work without one, and fails at once if it reaches for it.
  const settings: Settings = { get: ({ fallback }) => fallback, refresh: async () => {} };
  return {
    config,
    vault,
    log,
    settings,
    clock: systemClock,
    mail: openTransport(config),
  } as unknown as Platform;
}

export interface Asking {
  readonly method?: string;
  readonly host?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Plain HTTP with the Host, the target and the headers exactly as given, which fetch does not allow. */
export function ask(
  port: number,
  path: string,
  { method = 'GET', host, headers = {}, body }: Asking,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      path,
      method,
      agent: false,
      setHost: false,
      headers: {
        ...(host === undefined ? {} : { host }),
        ...(body === undefined || headers['transfer-encoding']
          ? {}
          : { 'content-length': Buffer.byteLength(body) }),
        ...headers,
      },
    });
    request.once('error', reject);
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    request.end(body);
  });
}

/** For requests that no HTTP client would send: what is written, then the end. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(text, 'latin1'));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(answer));
  });
}
