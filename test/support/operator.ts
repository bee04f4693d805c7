import { PassThrough, Readable } from 'node:stream';
import { run } from '../../src/cli/gatehouse.ts';

/** How one command ended and what it wrote. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command in this process, with these variables and nothing else. */
export async function runCommand(
  env: Readonly<Record<string, string>>,
  argv: readonly string[],
  input = '',
): Promise<Outcome> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await run(argv, { stdin: Readable.from([input]), stdout, stderr, env });
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

/** Runs one command with --json as an operator would, and answers the object it printed. Throws with its sentence. */
export async function gatehouse(
  env: Readonly<Record<string, string>>,
  argv: readonly string[],
  input = '',
): Promise<Record<string, string>> {
  const { code, stdout, stderr } = await runCommand(env, [...argv, '--json'], input);
  if (code !== 0) throw new Error(`exit ${code}: ${stderr}`);
  return JSON.parse(stdout) as Record<string, string>;
}
