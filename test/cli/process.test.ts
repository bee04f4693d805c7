import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { withTestDatabase } from '../support/database.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The command as the README writes it. */
async function gatehouse(argv: readonly string[], env: Record<string, string>, stdin = '') {
  const child = spawn('npm', ['run', '--silent', 'gatehouse', '--', ...argv], {
    cwd: ROOT,
    env: { ...process.env, NODE_OPTIONS: '', LOG_LEVEL: 'trace', ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdin.end(stdin);
  const code = await new Promise((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
}

it('with --json the real command writes one JSON object and nothing else', async () => {
  await withTestDatabase(async ({ databaseUrl, directDatabaseUrl, encryptionKeys }) => {
    const env = {
      DATABASE_URL: databaseUrl,
      DIRECT_DATABASE_URL: directDatabaseUrl,
      ENCRYPTION_KEYS: encryptionKeys,
    };
    const create = [
      'account',
      'create',
      '--email',
      'dev@example.com',
      '--name',
      'Dev',
      '--password-stdin',
      '--totp',
    ];
    const created = await gatehouse([...create, '--json'], env, 'plum kettle orbit 93\n');
    expect(created).toMatchObject({ code: 0, stderr: '' });
    expect(created.stdout).toMatch(/^\{[^\n]*\}\n$/);
    expect(Object.keys(JSON.parse(created.stdout))).toEqual(['id', 'otpauth_uri']);

    const again = await gatehouse([...create, '--json'], env, 'plum kettle orbit 93\n');
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toMatch(/^An account .+\.\n$/);
  });
}, 60_000);

it('the real command ends with 64 when it is not understood', async () => {
  expect(await gatehouse(['client', 'create', '--json'], {})).toMatchObject({ code: 64, stdout: '' });
}, 60_000);
