import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { envExample, referencePage } from '../../src/cli/config-reference.ts';
import { run } from '../../src/cli/gatehouse.ts';

async function runWith(env: Record<string, string>, ...argv: string[]) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const exitCode = await run(argv, { stdin, stdout, stderr, env });
  return { exitCode, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}

describe('the written reference', () => {
  const written = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

  it('is what the schema says (npm run reference writes it)', () => {
    expect(written('.env.example')).toBe(envExample());
    expect(written('docs/reference/configuration.md')).toBe(referencePage());
  });
});

describe('config check', () => {
  it('says what a complete configuration amounts to', async () => {
    const { exitCode, out } = await runWith({}, 'config', 'check');
    expect(exitCode).toBe(0);
    expect(out).toBe('The configuration is complete (development, http://localhost:3000).\n');
  });

  it('lists every fault and ends with 78', async () => {
    const { exitCode, out, err } = await runWith({ PORT: 'x', LOG_LEVEL: 'y' }, 'config', 'check', '--json');
    expect(exitCode).toBe(78);
    expect(out).toBe('');
    expect(err.trim().split('\n')).toEqual([
      expect.stringMatching(/^PORT/),
      expect.stringMatching(/^LOG_LEVEL/),
    ]);
  });
});

describe('config print', () => {
  const env = { DATABASE_URL: 'postgresql://app:CANARY@localhost/g', SMTP_URL: 'smtp://u:CANARY@localhost' };

  it('masks secrets', async () => {
    const { out } = await runWith(env, 'config', 'print');
    expect(out).toContain('PORT=3000\n');
    expect(out).toContain('DATABASE_URL=********\n');
    expect(out).toContain('DIRECT_DATABASE_URL=\n');
    expect(out).not.toContain('CANARY');
  });

  it('answers one object with --json', async () => {
    const { out } = await runWith(env, 'config', 'print', '--json');
    expect(JSON.parse(out)).toMatchObject({ PORT: '3000', SMTP_URL: '********', ENCRYPTION_KEYS: null });
  });
});

describe('usage', () => {
  it.each([[['nonsense']], [['config', 'nonsense']], [['config', 'check', '--nonsense']], [['config']]])(
    '%j ends with 64',
    async (argv) => {
      const { exitCode, out, err } = await runWith({}, ...argv);
      expect(exitCode).toBe(64);
      expect(out).toBe('');
      expect(err).not.toBe('');
    },
  );
});
