import { PassThrough, Readable } from 'node:stream';
import { run } from '../../src/cli/gatehouse.ts';

/** Runs one command with --json as an operator would, and answers the object it printed. Throws with its sentence. */
export async function gatehouse(
  env: Readonly<Record<string, string>>,
  argv: readonly string[],
  input = '',
): Promise<Record<string, string>> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await run([...argv, '--json'], { stdin: Readable.from([input]), stdout, stderr, env });
  const printed = String(stdout.read() ?? '');
  if (code !== 0) throw new Error(`exit ${code}: ${String(stderr.read() ?? '')}`);
  return JSON.parse(printed) as Record<string, string>;
}
