import type { Command } from 'commander';
import { unblock } from '../admin/limits/unblock.ts';
import { LIMIT_NAMES, type LimitName } from '../defense/limits/catalogue.ts';
import { limitInForce } from '../defense/limits/limit-in-force.ts';
import { carryOut } from './carry-out.ts';
import { type CliContext, UsageFault } from './context.ts';
import { table } from './output.ts';

export function registerLimit(program: Command, cli: CliContext): void {
  const group = program.command('limit').description('how much may be asked of the service');
  group
    .command('list')
    .description('lists every limit as it is now; settings set limits.overrides changes them')
    .action(() => listFrom(cli));
  group
    .command('reset')
    .description('gives somebody whom a limit refuses their whole budget back')
    .requiredOption('--limit <name>', 'one of: limit list')
    .requiredOption('--subject <subject>', 'whom it counts: an address, the ID of an account, app or API')
    .action((options: { limit: string; subject: string }) => resetFrom(options, cli));
}

async function listFrom(cli: CliContext): Promise<void> {
  const limits = await cli.withPlatform(async (platform) =>
    LIMIT_NAMES.map((name) => ({ name, ...limitInForce(platform, name) })),
  );
  const rows = limits.map(({ name, budget, windowSeconds, keyedBy, about }) => [
    ...[name, String(budget), `${windowSeconds} s`, keyedBy, about],
  ]);
  const objects = limits.map(({ name, budget, windowSeconds, keyedBy }) => ({
    ...{ name, budget, window_seconds: windowSeconds, keyed_by: keyedBy },
  }));
  cli.answer({ limits: objects }, ...table(['LIMIT', 'AT MOST', 'WITHIN', 'FOR EACH', 'WHAT'], rows));
}

async function resetFrom({ limit, subject }: { limit: string; subject: string }, cli: CliContext) {
  const name: LimitName | undefined = LIMIT_NAMES.find((one) => one === limit);
  if (!name) throw new UsageFault(`There is no limit ${limit}. See: limit list`);
  const { counted } = await carryOut(cli, unblock, { limit: name, subject });
  cli.answer({ counted }, counted ? 'Given back.' : 'Nothing had been counted for them.');
}
