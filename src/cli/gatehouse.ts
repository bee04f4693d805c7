import { Command, CommanderError } from 'commander';
import { Refusal, StartupFault } from '../platform/errors.ts';
import { registerAccess } from './access.ts';
import { registerAccessCode } from './access-code.ts';
import { registerAccount } from './account.ts';
import { registerAct } from './act.ts';
import { registerAlert } from './alert.ts';
import { registerAppeal } from './appeal.ts';
import { registerSuspension } from './suspension.ts';
import { registerApi } from './api.ts';
import { registerCheck } from './check.ts';
import { registerClient } from './client.ts';
import { registerConfig } from './config.ts';
import { type CliContext, CommandFault, EXIT, openCli, type Streams, UsageFault } from './context.ts';
import { registerDomain, registerMoves } from './domain.ts';
import { registerEvent } from './event.ts';
import { registerEventDelivery } from './event-delivery.ts';
import { registerExplain } from './explain.ts';
import { registerKeys } from './keys.ts';
import { registerLimit } from './limit.ts';
import { registerMigrate } from './migrate.ts';
import { registerOperator } from './operator.ts';
import { registerOrganization } from './organization.ts';
import { registerSettings } from './settings.ts';

/** Every command group, in the order of the help text. */
const GROUPS: readonly ((program: Command, cli: CliContext) => void)[] = [
  registerAccount,
  registerDomain,
  registerOrganization,
  registerApi,
  registerClient,
  registerMoves,
  registerAccess,
  registerAccessCode,
  registerEventDelivery,
  registerExplain,
  registerCheck,
  registerSettings,
  registerOperator,
  registerAct,
  registerAlert,
  registerLimit,
  registerSuspension,
  registerAppeal,
  registerEvent,
  registerKeys,
  registerMigrate,
  registerConfig,
];

/** Runs `gatehouse <group> <verb> …` and answers its exit code; never ends the process itself. */
export async function run(argv: readonly string[], streams: Streams = process): Promise<number> {
  const program = new Command('gatehouse')
    .description('Looks after one Gatehouse installation.')
    .option('--json', 'answer with one JSON object and nothing else')
    .configureOutput({
      writeOut: (text) => void streams.stdout.write(text),
      writeErr: (text) => void streams.stderr.write(text),
      outputError: (text, write) => write(`${asSentence(text)}\n`),
    })
    .exitOverride();
  const cli = openCli(streams, () => program.opts<{ json?: boolean }>().json === true);
  for (const register of GROUPS) register(program, cli);
  inheritSettings(program);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    return exitCodeOf(error, cli);
  }
}

/** Sub-commands made by addCommand do not take over output and exit behaviour by themselves. */
function inheritSettings(parent: Command): void {
  for (const child of parent.commands) inheritSettings(child.copyInheritedSettings(parent));
}

/** "error: unknown option '--x'" and the suggestion on its second line, as one sentence. */
function asSentence(text: string): string {
  const line = text
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ');
  return line.charAt(0).toUpperCase() + (line.endsWith('.') ? line.slice(1) : `${line.slice(1)}.`);
}

function exitCodeOf(error: unknown, cli: CliContext): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
  if (error instanceof UsageFault) return said(cli, error.message, EXIT.usage);
  if (error instanceof CommandFault || error instanceof Refusal)
    return said(cli, error.message, EXIT.refused);
  if (error instanceof StartupFault) return said(cli, error.sentence, error.exitCode);
  return said(
    cli,
    `That did not work: ${error instanceof Error ? error.message : String(error)}`,
    EXIT.refused,
  );
}

function said(cli: CliContext, sentence: string, exitCode: number): number {
  cli.err(sentence);
  return exitCode;
}

if (import.meta.main) {
  const exitCode = await run(process.argv.slice(2));
  // Waits for the text and for nothing else: the schema engine leaves a timer of ten seconds behind.
  process.stdout.write('', () => process.exit(exitCode));
}
