import { expect } from 'vitest';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import { createTestDatabase } from './database.ts';
import { type Outcome, runCommand } from './operator.ts';
import { openTestPlatform } from './platform.ts';

export const PASSWORD = 'plum kettle orbit 93';
export const NOBODY = 'app_22222222222222222222';

/** The command line on a database of its own, in which the account dev@example.com owns the organization Acme. */
export interface TestCommandLine {
  /** Another platform on the same database, to look at what was stored. */
  readonly platform: OpenPlatform;
  readonly organization: string;
  gatehouse(argv: readonly string[], stdin?: string): Promise<Outcome>;
  /** The one JSON object of a command that succeeds, alone on its line. */
  answerOf(argv: readonly string[], stdin?: string): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

export async function openCommandLine(
  variables: Readonly<Record<string, string>> = {},
): Promise<TestCommandLine> {
  const database = await createTestDatabase();
  const platform = await openTestPlatform({ database });
  const env = {
    DATABASE_URL: database.databaseUrl,
    DIRECT_DATABASE_URL: database.directDatabaseUrl,
    ENCRYPTION_KEYS: database.encryptionKeys,
    ...variables,
  };
  const gatehouse = (argv: readonly string[], stdin?: string) => runCommand(env, argv, stdin);
  const answerOf = async (argv: readonly string[], stdin?: string) => {
    const { code, stdout, stderr } = await gatehouse([...argv, '--json'], stdin);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^\{.*\}\n$/);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  await answerOf(
    ['account', 'create', '--email', 'dev@example.com', '--name', 'Dev', '--password-stdin'],
    PASSWORD,
  );
  const acme = await answerOf(['organization', 'create', '--name', 'Acme', '--owner', 'dev@example.com']);
  return {
    ...{ platform, organization: String(acme.id), gatehouse, answerOf },
    async close() {
      await platform.close();
      await database.drop();
    },
  };
}

/** The words of `api create` for an API with two scopes. */
export function createApi(organization: string, identifier: string, ...more: string[]): string[] {
  return [
    ...['api', 'create', '--organization', organization, '--name', 'Notes', '--identifier', identifier],
    ...['--scope', 'notes:read=Read your notes', '--scope', 'notes:write=Change your notes, all=1', ...more],
  ];
}

/** The words of `client create` for a web app. */
export function createClient(organization: string, ...more: string[]): string[] {
  return [
    ...['client', 'create', '--organization', organization, '--name', 'Planner', '--type', 'web'],
    ...['--redirect-uri', 'https://app.example.com/callback', ...more],
  ];
}
