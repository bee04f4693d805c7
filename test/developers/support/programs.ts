import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from '../../support/visitor.ts';

/** The programs that a page shows, in their order, as a reader would copy them. */
export function programsOn({ html }: Page): string[] {
  return [...html.matchAll(/<pre class="code"[^>]*><code>([\s\S]*?)<\/code><\/pre>/g)].map(([, code]) =>
    String(code).replace(/&#(\d+);/g, (_, point: string) => String.fromCharCode(Number(point))),
  );
}

/** A program that runs, and what it has said so far. */
export interface Running {
  /** Resolves with the first match in what it says on either stream. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  type(line: string): void;
  ended: Promise<number | null>;
  stop(): Promise<void>;
}

/** Writes the text to a file of its own and runs it there, beside these files, with these variables and little else. */
export async function run(
  kind: 'javascript' | 'curl',
  program: string,
  env: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'snippet-'));
  const file = join(folder, kind === 'javascript' ? 'program.mjs' : 'program.sh');
  await writeFile(file, program);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const command = kind === 'javascript' ? process.execPath : 'bash';
  const child = spawn(command, [file], { cwd: folder, env: { PATH: process.env.PATH ?? '', ...env } });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  return {
    says: (pattern) => firstMatch(child, pattern, () => said),
    type: (line) => void child.stdin.write(`${line}\n`),
    ended,
    async stop() {
      child.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function firstMatch(
  child: ChildProcess,
  pattern: RegExp,
  said: () => string,
): Promise<RegExpExecArray> {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = pattern.exec(said());
    if (found) return found;
    if (child.exitCode !== null && tries > 0) {
      await sleep(50);
      const last = pattern.exec(said());
      if (last) return last;
      break;
    }
    await sleep(50);
  }
  throw new Error(`the program never said ${pattern}: ${said()}`);
}
