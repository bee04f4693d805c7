import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The nginx of this machine; it is never downloaded. */
export function findNginx(): string | undefined {
  const usual = [
    '/usr/sbin/nginx',
    '/usr/local/sbin/nginx',
    '/usr/local/bin/nginx',
    '/opt/homebrew/bin/nginx',
  ];
  return [process.env.NGINX ?? '', ...usual].find((path) => existsSync(path));
}

export interface RunningNginx {
  stop(): Promise<void>;
}

const EXAMPLE = new URL('../../examples/gateway/', import.meta.url);

/** Runs nginx as examples/gateway says, with this configuration in place of its own. */
export async function startNginx(
  program: string,
  { config, credentials, url }: { config: string; credentials: string; url: string },
): Promise<RunningNginx> {
  const home = await mkdtemp(join(tmpdir(), 'gatehouse-nginx-'));
  await writeFile(join(home, 'gateway.conf'), config);
  await writeFile(join(home, 'gatehouse-credentials.conf'), credentials);
  await writeFile(join(home, 'nginx.conf'), await readFile(new URL('nginx.conf', EXAMPLE), 'utf8'));
  const args = ['-p', home, '-c', join(home, 'nginx.conf'), '-g', 'daemon off; master_process off;'];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  await answers(child, url, () => complaints);
  return {
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null && child.kill('SIGTERM')) await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function answers(child: ChildProcess, url: string, complaints: () => string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${complaints()}`);
    if (await fetch(url).catch(() => undefined)) return;
    await sleep(50);
  }
  throw new Error(`nginx did not answer: ${complaints()}`);
}
