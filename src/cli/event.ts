import type { Command } from 'commander';
import { asLine } from '../admin/events/event-export.ts';
import { AUDIT_ACTIONS, type AuditAction } from '../audit/events.ts';
import { searchEvents } from '../audit/search.ts';
import { UUID } from '../platform/ids.ts';
import { type CliContext, UsageFault } from './context.ts';
import { isoEnd, wholeNumber } from './input.ts';
import { table } from './output.ts';

export function registerEvent(program: Command, cli: CliContext): void {
  const group = program.command('event').description('what happened');
  group
    .command('list')
    .description('lists events, the newest first; with --json one object, with --lines one line of JSON each')
    .option('--target <id>', 'what it was done to')
    .option('--actor <id>', 'who did it')
    .option('--action <name>', 'such as client.suspended')
    .option('--from <time>', 'from this moment on', isoEnd)
    .option('--until <time>', 'until before this moment', isoEnd)
    .option('--before <event>', 'the page after the one that ended with this event')
    .option('--limit <number>', 'at most so many', wholeNumber(1, 1000), 50)
    .option('--lines', 'one line of JSON each, as the console exports them')
    .action((options: ListOptions) => listFrom(options, cli));
}

interface ListOptions {
  target?: string;
  actor?: string;
  action?: string;
  from?: Date;
  until?: Date;
  before?: string;
  limit: number;
  lines?: boolean;
}

async function listFrom(options: ListOptions, cli: CliContext): Promise<void> {
  const { target, actor, from, until, before, limit: take, lines } = options;
  if (before !== undefined && !UUID.test(before)) throw new UsageFault('--before is the ID of an event.');
  const search = { target, actor, action: actionIn(options.action), from, until };
  const events = await cli.withPlatform((platform) => searchEvents(platform, search, { before, take }));
  const rows = events.map(({ at, action, actorKind, actorId, targetKind, targetId, details }) => [
    ...[at.toISOString(), action, `${actorKind}:${actorId ?? ''}`, `${targetKind}:${targetId ?? ''}`],
    JSON.stringify(details),
  ]);
  const inLines = events.map((event) => asLine(event).trimEnd());
  cli.answer(
    { events: inLines.map((line) => JSON.parse(line) as unknown) },
    ...(lines
      ? inLines
      : rows.length === 0
        ? ['Nothing was found.']
        : table(['WHEN', 'WHAT', 'WHO', 'TO WHAT', 'DETAILS'], rows)),
  );
}

function actionIn(name: string | undefined): AuditAction | undefined {
  if (name === undefined) return undefined;
  const action = AUDIT_ACTIONS.find((one) => one === name);
  if (!action) throw new UsageFault(`There is no action ${name}.`);
  return action;
}
