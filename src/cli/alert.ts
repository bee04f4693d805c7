import type { Command } from 'commander';
import { type Alert, closeAlert, listAlerts } from '../defense/alert-list.ts';
import { carryOut } from './carry-out.ts';
import type { CliContext } from './context.ts';
import { table } from './output.ts';

export function registerAlert(program: Command, cli: CliContext): void {
  const group = program.command('alert').description('what the watch noticed and people have to look at');
  group
    .command('list')
    .description('lists open alerts, the newest first')
    .option('--closed', 'those that were closed instead')
    .option('--before <alert>', 'the page after the one that ended with this alert')
    .action((options: { closed?: boolean; before?: string }) => listFrom(options, cli));
  group
    .command('close')
    .description('closes an alert; the same again opens a new one')
    .argument('<alert>', 'its ID')
    .requiredOption('--note <sentence>', 'what came of it')
    .action(async (id: string, { note }: { note: string }) => {
      await carryOut(cli, closeAlert, { id, note });
      cli.answer({ id }, 'Closed.');
    });
}

async function listFrom(
  { closed = false, before }: { closed?: boolean; before?: string },
  cli: CliContext,
): Promise<void> {
  const { alerts, next } = await cli.withPlatform((platform) =>
    listAlerts(platform, { open: !closed, before }),
  );
  const rows = alerts.map(({ id, kind, severity, count, lastAt, evidence }) => [
    ...[id, kind, severity, String(count), lastAt.toISOString(), JSON.stringify(evidence)],
  ]);
  cli.answer(
    { alerts: alerts.map(inJson), next: next ?? null },
    ...(rows.length === 0
      ? [closed ? 'No alert was closed.' : 'No alert is open.']
      : table(['ALERT', 'KIND', 'URGENCY', 'TIMES', 'LAST', 'EVIDENCE'], rows)),
    ...(next ? [`There are more: --before ${next}`] : []),
  );
}

function inJson({ openedAt, lastAt, closedAt, ...alert }: Alert): Record<string, unknown> {
  return {
    ...alert,
    ...{ opened_at: openedAt.toISOString(), last_at: lastAt.toISOString() },
    closed_at: closedAt?.toISOString() ?? null,
  };
}
