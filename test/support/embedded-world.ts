import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gatehouse } from './operator.ts';
import { freePort } from './server.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';
import { type App, type Notes, REDIRECT_URI } from './world.ts';

/** A server process on an embedded database of its own, set up from the command line as an operator would. */
export interface EmbeddedWorld {
  readonly dataDir: string;
  readonly issuer: string;
  readonly env: Readonly<Record<string, string>>;
  readonly api: Notes;
  /** A confidential app of the API's organization. */
  readonly web: App;
  /** A public app, whose refresh tokens rotate. */
  readonly spa: App;
  readonly machine: App;
  server: ServerProcess;
  /** A new process in the same place. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startEmbeddedWorld(): Promise<EmbeddedWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-world-'));
  const port = String(await freePort());
  const env = { DATA_DIR: dataDir, PORT: port, ISSUER_URL: `http://localhost:${port}` };
  const server = await startServerProcess(env);
  const world = {
    dataDir,
    issuer: env.ISSUER_URL,
    env,
    server,
    ...(await register(env)),
    async restart() {
      world.server = await startServerProcess(env);
    },
    async stop() {
      await world.server.kill('SIGTERM');
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  return world;
}

async function register(env: Readonly<Record<string, string>>) {
  const owner = [
    '--email',
    'owner@example.org',
    '--name',
    'Owner',
    '--password-stdin',
    '--verified',
    '--totp',
  ];
  await gatehouse(env, ['account', 'create', ...owner], 'a winter of snow and pines\n');
  const organization = await gatehouse(env, [
    'organization',
    'create',
    '--name',
    'Acme',
    '--owner',
    'owner@example.org',
  ]);
  const organizationId = String(organization.id);
  const identifier = 'https://notes.example';
  const in_ = ['--organization', organizationId];
  const scopes = ['--scope', 'notes:read=Read your notes', '--scope', 'notes:write=Change your notes'];
  const api = await gatehouse(env, [
    'api',
    'create',
    ...in_,
    '--identifier',
    identifier,
    '--name',
    'Notes',
    ...scopes,
  ]);
  const app = async (name: string, type: string, ...more: string[]): Promise<App> => {
    const options = [...in_, '--name', name, '--type', type, '--resource', identifier, ...more];
    const made = await gatehouse(env, ['client', 'create', ...options]);
    return { clientId: String(made.client_id), secret: made.client_secret ?? '', redirectUri: REDIRECT_URI };
  };
  const back = ['--redirect-uri', REDIRECT_URI];
  return {
    api: { organizationId, identifier, clientId: String(api.client_id), secret: String(api.client_secret) },
    web: await app('Notebook', 'web', ...back),
    spa: await app('Pocket notebook', 'spa', ...back),
    machine: await app('Night worker', 'machine', '--scope', 'notes:read'),
  };
}
