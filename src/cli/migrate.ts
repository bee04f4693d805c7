import type { Command } from 'commander';
import type { CliContext } from './context.ts';

export function registerMigrate(program: Command, cli: CliContext): void {
  program
    .command('migrate')
    .description('brings the database to the schema of this version; a start does the same')
    .action(() =>
      cli.withPlatform(async ({ migrated }) => {
        const line = migrated.length > 0 ? `Applied ${migrated.join(', ')}.` : 'The database is up to date.';
        cli.answer({ applied: migrated }, line);
      }),
    );
}
