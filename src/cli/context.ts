import { userInfo } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import type { Actor } from '../audit/actor.ts';
import { type Config, type Environment, loadConfig } from '../config.ts';
import { StartupFault } from '../platform/errors.ts';
import type { OpenPlatform } from '../platform/platform.ts';

/** Where one run reads and writes; tests pass streams and variables of their own. */
export interface Streams {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env?: Environment;
}

/** What a command group gets: `registerXxx(program, cli)` adds its verbs to the program and acts through this. */
export interface CliContext {
  readonly actor: Actor;
  readonly stdin: Readable;
  /** One line on stderr. */
  err(line: string): void;
  /** The answer of a command: the object alone with --json, else the lines. Call it once. */
  answer(object: Readonly<Record<string, unknown>>, ...lines: string[]): void;
  config(): Config;
  /** Opens the platform, runs `work` and closes it again, whatever happens. */
  withPlatform<T>(work: (platform: OpenPlatform) => Promise<T>): Promise<T>;
}

export const EXIT = { refused: 1, usage: 64, configuration: 78 } as const;

/** The command line was not understood: one sentence, exit code 64. */
export class UsageFault extends Error {}

/** The command was understood and cannot be carried out: one sentence, exit code 1. */
export class CommandFault extends Error {}

export function openCli(streams: Streams, isJson: () => boolean): CliContext {
  return {
    actor: { kind: 'cli', id: osUser() },
    stdin: streams.stdin,
    err: (line) => void streams.stderr.write(`${line}\n`),
    answer: (object, ...lines) =>
      void streams.stdout.write(`${isJson() ? JSON.stringify(object) : lines.join('\n')}\n`),
    config: () => configOrFault(streams.env),
    async withPlatform(work) {
      const config = configOrFault(streams.env);
      const { openPlatform } = await import('../platform/platform.ts');
      const { openLogger } = await import('../platform/observability/logger.ts');
      const platform = await openPlatform(config, { log: openLogger({ level: 'warn', to: streams.stderr }) });
      try {
        return await work(platform);
      } finally {
        await platform.close();
      }
    },
  };
}

function configOrFault(env: Environment | undefined): Config {
  const loaded = loadConfig(env);
  if (loaded.ok) return loaded.config;
  throw new StartupFault(loaded.faults.join('\n'), { exitCode: EXIT.configuration });
}

function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}
