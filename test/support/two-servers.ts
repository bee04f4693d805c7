import { Agent, request } from 'node:http';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { openTestPlatform } from './platform.ts';
import { freePort } from './server.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

/** Two server processes of one issuer on one database, and a platform in this process to arrange things with. */
export interface TwoServers {
  readonly issuer: string;
  readonly database: TestDatabase;
  readonly platform: OpenPlatform;
  readonly servers: readonly [ServerProcess, ServerProcess];
  /** Posts a form to one of the two by turns, as a proxy in front of them would: under the issuer's Host. */
  post(
    turn: number,
    path: string,
    fields: Readonly<Record<string, string>>,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** The same with a body of another type. */
  postBody(turn: number, path: string, type: string, body: string): Promise<Answer>;
  /** The same with a body of JSON. */
  postJson(turn: number, path: string, body: unknown): Promise<Answer>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
  json(): Record<string, unknown>;
}

export async function startTwoServers(): Promise<TwoServers> {
  const database = await createTestDatabase();
  const [first, second] = [await freePort(), await freePort()];
  const issuer = `http://localhost:${first}`;
  const env = {
    ISSUER_URL: issuer,
    DATABASE_URL: database.databaseUrl,
    DIRECT_DATABASE_URL: database.directDatabaseUrl,
    ENCRYPTION_KEYS: database.encryptionKeys,
    LOG_LEVEL: 'warn',
  };
  const servers = await Promise.all([
    startServerProcess({ ...env, PORT: String(first) }),
    startServerProcess({ ...env, PORT: String(second) }),
  ]);
  const platform = await openTestPlatform({ database, issuer });
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  return {
    issuer,
    database,
    platform,
    servers: servers as [ServerProcess, ServerProcess],
    post: (turn, path, fields, headers = {}) =>
      post(agent, turn % 2 === 0 ? first : second, path, new URLSearchParams(fields).toString(), {
        Host: new URL(issuer).host,
        'Content-Type': 'application/x-www-form-urlencoded',
        ...headers,
      }),
    postBody: (turn, path, type, body) =>
      post(agent, turn % 2 === 0 ? first : second, path, body, {
        Host: new URL(issuer).host,
        'Content-Type': type,
      }),
    postJson: (turn, path, body) =>
      post(agent, turn % 2 === 0 ? first : second, path, JSON.stringify(body), {
        Host: new URL(issuer).host,
        'Content-Type': 'application/json',
      }),
    async stop() {
      agent.destroy();
      await Promise.all(servers.map((server) => server.kill('SIGTERM')));
      await platform.close();
      await database.drop();
    },
  };
}

/** Under the issuer's Host, to whichever port. */
export function post(
  agent: Agent,
  port: number,
  path: string,
  body: string,
  headers: Record<string, string>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        agent,
        port,
        path,
        method: 'POST',
        headers,
      },
      async (response) => {
        let text = '';
        for await (const chunk of response.setEncoding('utf8')) text += chunk;
        resolve({
          status: response.statusCode ?? 0,
          location: response.headers.location,
          body: text,
          json: () => JSON.parse(text) as Record<string, unknown>,
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

export function basic({ clientId, secret }: { clientId: string; secret: string }): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` };
}
