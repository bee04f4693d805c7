import type { Command } from 'commander';
import { listDeliveries, repeatDelivery } from '../developers/apis/events/delivery-log.ts';
import { carryOut } from './carry-out.ts';
import type { CliContext } from './context.ts';
import { apiClientId, apiNamed } from './named-api.ts';
import { table } from './output.ts';

export function registerEventDelivery(program: Command, cli: CliContext): void {
  const group = program.command('event-delivery').description('what was sent to the addresses of an API');
  group
    .command('list')
    .description('lists deliveries, the newest first')
    .requiredOption('--api <identifier>', 'the API')
    .option('--after <id>', 'continues after this delivery')
    .action((options: { api: string; after?: string }) => listFrom(options, cli));
  group
    .command('repeat')
    .description('sends one again that was not taken')
    .requiredOption('--api <identifier>', 'the API')
    .requiredOption('--delivery <id>', 'as event-delivery list shows it')
    .action((options: { api: string; delivery: string }) => repeatFrom(options, cli));
}

async function listFrom(
  { api: identifier, after }: { api: string; after?: string },
  cli: CliContext,
): Promise<void> {
  const { deliveries, next } = await cli.withPlatform(async (platform) => {
    const api = await apiNamed(platform, identifier);
    return listDeliveries(platform, { apiId: api.id, ...(after && { after }) });
  });
  const objects = deliveries.map((one) => ({
    ...{ id: one.id, target: one.targetId, event: one.event, tries: one.attempts },
    state: one.deliveredAt ? 'taken' : one.givenUpAt ? 'given up' : 'on its way',
    status: one.lastStatus,
    queued_at: one.createdAt.toISOString(),
  }));
  const rows = objects.map((one) => [
    ...[one.id, one.event, one.state, String(one.status ?? '-'), String(one.tries), one.queued_at],
  ]);
  cli.answer(
    { api: identifier, deliveries: objects, next: next ?? null },
    ...(rows.length === 0
      ? ['Nothing was sent yet.']
      : table(['ID', 'EVENT', 'STATE', 'STATUS', 'TRIES', 'QUEUED'], rows)),
    ...(next ? [`More: --after ${next}`] : []),
  );
}

async function repeatFrom(
  { api: identifier, delivery }: { api: string; delivery: string },
  cli: CliContext,
): Promise<void> {
  const holderId = await apiClientId(cli, identifier);
  await carryOut(cli, repeatDelivery, { holderId, deliveryId: delivery });
  cli.answer({ api: identifier, delivery, repeated: true }, 'It is sent again now.');
}
