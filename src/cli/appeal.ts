import { type Command, Option } from 'commander';
import { decideAppealAsOperator } from '../admin/suspensions/decide-appeal.ts';
import { type Appeal, findAppeal, listAppeals } from '../defense/suspensions/appeals.ts';
import { carryOut } from './carry-out.ts';
import { type CliContext, CommandFault } from './context.ts';
import { wholeNumber } from './input.ts';
import { aligned, table } from './output.ts';

export function registerAppeal(program: Command, cli: CliContext): void {
  const group = program.command('appeal').description('what owners write against a suspension');
  group
    .command('list')
    .description('lists those that wait, the oldest first')
    .option('--decided', 'those that were decided instead, the newest first')
    .option('--after <appeal>', 'continues after this one')
    .option('--limit <number>', 'how many, 50 by default', wholeNumber(1, 500))
    .action((options: ListOptions) => listFrom(options, cli));
  group
    .command('show')
    .description('shows what was written')
    .argument('<appeal>', 'its ID')
    .action((id: string) => showFrom(id, cli));
  group
    .command('decide')
    .description('grants or refuses one, and tells the owners; granted, the suspension ends')
    .argument('<appeal>', 'its ID')
    .addOption(
      new Option('--outcome <outcome>', 'what').choices(['granted', 'refused']).makeOptionMandatory(),
    )
    .option('--note <sentence>', 'what the owners read; a refusal needs one')
    .option('--reason <sentence>', 'where the suspension waits for a human: why; the second person reads it')
    .action((id: string, options: DecideOptions) => decideFrom(id, options, cli));
}

interface ListOptions {
  decided?: boolean;
  after?: string;
  limit?: number;
}

async function listFrom({ decided = false, after, limit }: ListOptions, cli: CliContext): Promise<void> {
  const wish = { waiting: !decided, after, ...(limit !== undefined && { limit }) };
  const { appeals, next } = await cli.withPlatform((platform) => listAppeals(platform, wish));
  const rows = appeals.map((one) => [
    ...[one.id, one.suspensionId, one.suspension.kind, one.madeAt.toISOString()],
    one.outcome ?? 'waits',
  ]);
  cli.answer(
    { appeals: appeals.map(appealObject), next: next ?? null },
    ...(rows.length === 0
      ? ['There are no appeals here.']
      : table(['APPEAL', 'SUSPENSION', 'KIND', 'MADE', 'STATE'], rows)),
    ...(next === undefined ? [] : [`More: appeal list ${decided ? '--decided ' : ''}--after ${next}`]),
  );
}

async function showFrom(id: string, cli: CliContext): Promise<void> {
  const appeal = await cli.withPlatform((platform) => findAppeal(platform, id));
  if (!appeal) throw new CommandFault('No appeal has this ID.');
  cli.answer(
    appealObject(appeal),
    ...aligned([
      ['Appeal', appeal.id],
      ['Against', appeal.suspensionId],
      ['Made', appeal.madeAt.toISOString()],
      ['State', appeal.outcome ?? 'waits'],
      ['Note', appeal.note ?? '-'],
    ]),
    '',
    ...appeal.text.split('\n'),
  );
}

interface DecideOptions {
  outcome: 'granted' | 'refused';
  note?: string;
  reason?: string;
}

async function decideFrom(id: string, { outcome, ...words }: DecideOptions, cli: CliContext): Promise<void> {
  const wish = { appeal: id, grant: outcome === 'granted', ...words };
  const decided = await carryOut(cli, decideAppealAsOperator, wish);
  if (decided.outcome !== 'asked') {
    return cli.answer(
      { id, outcome: decided.outcome },
      `${outcome === 'granted' ? 'Granted' : 'Refused'}. The owners are told.`,
    );
  }
  const due = decided.dueAt?.toISOString();
  cli.answer(
    { id, outcome: 'asked', act: decided.act, due_at: due ?? null },
    'The suspension waits for a human, so a second person was asked.',
    due
      ? `Nobody else could confirm it: it is done at ${due}, unless withdrawn.`
      : `They confirm it: act confirm ${decided.act}`,
  );
}

function appealObject(appeal: Appeal): Record<string, unknown> {
  return {
    ...{ id: appeal.id, suspension: appeal.suspensionId, text: appeal.text, made_by: appeal.madeBy },
    ...{ made_at: appeal.madeAt.toISOString(), outcome: appeal.outcome, note: appeal.note },
    ...{ decided_by: appeal.decidedBy, decided_at: appeal.decidedAt?.toISOString() ?? null },
  };
}
