import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Koa from 'koa';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  introspectionPrograms,
  jwtPrograms,
  type ProtectProgram,
} from '../../../src/developers/support/protect-programs.ts';
import type { RunningServer } from '../../../src/main.ts';
import { PATIENCE } from '../../support/patience.ts';
import { freePort, startTestServer } from '../../support/server.ts';
import { newApi, newApp, type Notes } from '../../support/world.ts';
import { run } from './programs.ts';

let server: RunningServer;
let api: Notes;
let other: Notes;
let jwtApi: Notes;
let folder: string;
beforeAll(async () => {
  server = await startTestServer();
  api = await newApi(server.platform);
  other = await newApi(server.platform, { identifier: 'https://other.example' });
  jwtApi = await newApi(server.platform, { identifier: 'https://jwt.example', tokenFormat: 'jwt' });
  // Inside the project, so that what a program imports is found.
  const results = fileURLToPath(new URL('../../../test-results/', import.meta.url));
  await mkdir(results, { recursive: true });
  folder = await mkdtemp(join(results, 'programs-'));
}, 60_000);
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await server.stop();
});

const valuesOf = ({ clientId, identifier }: Notes) => ({
  issuer: server.url,
  ...{ clientId, identifier, scope: 'notes:read' },
});

async function tokenOf(target: Notes, scope: string): Promise<string> {
  const app = await newApp(server.platform, target, { type: 'machine', scopes: [scope] });
  const answer = await fetch(`${server.url}/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa(`${app.clientId}:${app.secret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope, resource: target.identifier }),
  });
  return String(((await answer.json()) as Record<string, unknown>).access_token);
}

function programNamed(programs: ProtectProgram[], name: ProtectProgram['name']): string {
  return programs.find((program) => program.name === name)?.text ?? '';
}

/** What a protected API answers to no token, nonsense, one of another API, one without the scope, and a good one. */
async function expectProtected(address: string, of: Notes, without = 'Bearer'): Promise<void> {
  const ask = async (token?: string) => {
    const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const answer = await fetch(address, { headers });
    return [answer.status, answer.headers.get('WWW-Authenticate')];
  };
  const invalid = [401, 'Bearer error="invalid_token"'];
  expect(await ask()).toEqual([401, without]);
  expect(await ask('nonsense')).toEqual(invalid);
  expect(await ask(await tokenOf(other, 'notes:read'))).toEqual(invalid);
  const short = 'Bearer error="insufficient_scope", scope="notes:read"';
  expect(await ask(await tokenOf(of, 'notes:write'))).toEqual([403, short]);
  expect(await ask(await tokenOf(of, 'notes:read'))).toEqual([200, null]);
}

/** Runs a command line that starts the API, and looks at it from outside. */
async function expectServes(command: string, of: Notes): Promise<void> {
  const port = await freePort();
  const running = await run('curl', `exec ${command}`, { API_SECRET: of.secret, PORT: String(port) });
  try {
    await running.says(/ready/);
    await vi.waitFor(() => fetch(`http://127.0.0.1:${port}/`), PATIENCE);
    await expectProtected(`http://127.0.0.1:${port}/`, of);
  } finally {
    await running.stop();
  }
}

function isThere(command: string, argument: string): boolean {
  try {
    execFileSync(command, [argument], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('a program of the page Protect', { timeout: 120_000 }, () => {
  it.skipIf(!isThere('python3', '--version'))('protects an API in Python', async () => {
    const file = join(folder, 'api.py');
    await writeFile(file, programNamed(introspectionPrograms(valuesOf(api)), 'python'));
    await expectServes(`python3 ${file}`, api);
  });

  it.skipIf(!isThere('go', 'version'))('protects an API in Go', async () => {
    const [file, binary] = [join(folder, 'api.go'), join(folder, 'api')];
    await writeFile(file, programNamed(introspectionPrograms(valuesOf(api)), 'go'));
    const env = { ...process.env, GOCACHE: join(tmpdir(), 'go-cache'), GOFLAGS: '-mod=mod' };
    execFileSync('go', ['build', '-o', binary, file], { cwd: folder, env });
    await expectServes(binary, api);
  });

  it('protects a Koa app as middleware', async () => {
    const file = join(folder, 'protect.mjs');
    await writeFile(file, programNamed(introspectionPrograms(valuesOf(api)), 'middleware'));
    process.env.API_SECRET = api.secret;
    const { protect } = await import(file);
    const app = new Koa().use(protect('notes:read')).use((ctx) => {
      ctx.body = ctx.state.token.client_id;
    });
    const port = await freePort();
    const listening = app.listen(port, '127.0.0.1');
    await expectProtected(`http://127.0.0.1:${port}/`, api, 'Bearer error="invalid_token"');
    await new Promise((resolve) => listening.close(resolve));
  });

  it('checks JWTs by itself with jose', async () => {
    const file = join(folder, 'jwt.mjs');
    await writeFile(file, programNamed(jwtPrograms(valuesOf(jwtApi)), 'jose'));
    await expectServes(`${process.execPath} ${file}`, jwtApi);
  });

  it('asks with curl', async () => {
    const program = programNamed(introspectionPrograms(valuesOf(api)), 'curl');
    const token = await tokenOf(api, 'notes:read');
    const running = await run('curl', program, { API_SECRET: api.secret, TOKEN: token });
    await running.says(/"active":true/);
    await running.stop();
  });
});
