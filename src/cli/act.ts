import type { Command } from 'commander';
import { confirmAct, withdrawAct } from '../admin/two-person-acts.ts';
import { listWaitingActs, type WrittenAct } from '../admin/waiting-acts.ts';
import { carryOut } from './carry-out.ts';
import type { CliContext } from './context.ts';
import { table } from './output.ts';

export function registerAct(program: Command, cli: CliContext): void {
  const group = program.command('act').description('acts that need two people');
  group
    .command('list')
    .description('lists what waits for a second person, the oldest first')
    .action(() => listFrom(cli));
  group
    .command('confirm')
    .description('confirms what somebody else asked for, and does it')
    .argument('<act>', 'its ID')
    .action(async (id: string) => {
      await carryOut(cli, confirmAct, { id });
      cli.answer({ id, outcome: 'done' }, 'Confirmed and done.');
    });
  group
    .command('withdraw')
    .description('stops what waits')
    .argument('<act>', 'its ID')
    .action(async (id: string) => {
      await carryOut(cli, withdrawAct, { id });
      cli.answer({ id, outcome: 'withdrawn' }, 'Withdrawn.');
    });
}

async function listFrom(cli: CliContext): Promise<void> {
  const acts = await cli.withPlatform((platform) => listWaitingActs(platform));
  const rows = acts.map(({ id, act, askedBy, dueAt, reason }) => [
    ...[id, act, askedBy, dueAt?.toISOString() ?? '-', reason],
  ]);
  cli.answer(
    { acts: acts.map(inJson) },
    ...(rows.length === 0
      ? ['Nothing waits for a second person.']
      : table(['ACT', 'WHAT', 'ASKED BY', 'DONE BY ITSELF', 'REASON'], rows)),
  );
}

function inJson({ id, act, input, reason, askedBy, askedAt, dueAt }: WrittenAct): Record<string, unknown> {
  return {
    ...{ id, act, input, reason, asked_by: askedBy, asked_at: askedAt.toISOString() },
    due_at: dueAt?.toISOString() ?? null,
  };
}
