import type { Command } from 'commander';
import { EVENTS } from '../developers/apis/events/event-names.ts';
import {
  addTarget,
  removeTarget,
  rotateEventSecret,
  stopTarget,
  testTarget,
} from '../developers/apis/events/event-targets.ts';
import { listTargets } from '../developers/apis/events/target-list.ts';
import { carryOut } from './carry-out.ts';
import type { CliContext } from './context.ts';
import { collect } from './input.ts';
import { apiClientId, apiNamed } from './named-api.ts';
import { aligned, shownOnce, table } from './output.ts';

export function registerEventTarget(api: Command, cli: CliContext): void {
  const group = api.command('event-target').description('where an API is told of events');
  group
    .command('list')
    .description('lists the addresses of an API')
    .requiredOption('--api <identifier>', 'the API')
    .action((options: { api: string }) => listFrom(options, cli));
  group
    .command('add')
    .description('asks an address, adds it and prints the secret that signs')
    .requiredOption('--api <identifier>', 'the API')
    .requiredOption('--url <address>', 'where events are sent')
    .option('--event <name>', `all unless named, may repeat: ${EVENTS.join(', ')}`, collect)
    .action((options: AddOptions) => addFrom(options, cli));
  for (const [verb, about] of VERBS) {
    group
      .command(verb)
      .description(about)
      .requiredOption('--api <identifier>', 'the API')
      .requiredOption('--target <id>', 'as api event-target list shows it')
      .action((options: Named) => changeFrom(verb, options, cli));
  }
}

const VERBS = [
  ['test', 'puts a test on its way'],
  ['stop', 'stops sending there'],
  ['resume', 'lets it go on with what is still kept'],
  ['rotate', 'makes a new secret; both sign for a day'],
  ['remove', 'removes the address with its log'],
] as const;

async function listFrom({ api: identifier }: { api: string }, cli: CliContext): Promise<void> {
  const targets = await cli.withPlatform(async (platform) => {
    const api = await apiNamed(platform, identifier);
    return listTargets(platform, api.id);
  });
  const objects = targets.map(({ id, url, events, createdAt, disabledAt }) => ({
    ...{ id, url, events },
    created_at: createdAt.toISOString(),
    stopped_at: disabledAt?.toISOString() ?? null,
  }));
  const rows = objects.map((one) => [
    ...[one.id, one.stopped_at ? 'stopped' : 'live'],
    ...[one.events.join(', ') || 'all', one.url],
  ]);
  cli.answer(
    { api: identifier, targets: objects },
    ...(rows.length === 0 ? ['There are no addresses.'] : table(['ID', 'STATE', 'EVENTS', 'ADDRESS'], rows)),
  );
}

interface AddOptions {
  api: string;
  url: string;
  event?: string[];
}

async function addFrom({ api: identifier, url, event = [] }: AddOptions, cli: CliContext): Promise<void> {
  const holderId = await apiClientId(cli, identifier);
  const { target, issued, status } = await carryOut(cli, addTarget, { holderId, url, events: event });
  cli.answer(
    { api: identifier, id: target.id, url: target.url, secret: issued.secret, test_status: status },
    `Events of ${identifier} are sent to ${target.url}.`,
    ...aligned([
      ['ID', target.id],
      ['Secret', shownOnce(issued.secret)],
      ['Answer to the test', String(status)],
    ]),
  );
}

interface Named {
  api: string;
  target: string;
}

async function changeFrom(
  verb: (typeof VERBS)[number][0],
  { api: identifier, target: targetId }: Named,
  cli: CliContext,
): Promise<void> {
  const named = { holderId: await apiClientId(cli, identifier), targetId };
  if (verb === 'rotate') return rotateFrom(named, cli);
  if (verb === 'test') await carryOut(cli, testTarget, named);
  else if (verb === 'remove') await carryOut(cli, removeTarget, named);
  else await carryOut(cli, stopTarget, { ...named, stopped: verb === 'stop' });
  cli.answer({ api: identifier, target: targetId, done: verb }, SENTENCES[verb]);
}

const SENTENCES = {
  test: 'A test is on its way.',
  stop: 'Nothing is sent there any more.',
  resume: 'It goes on.',
  remove: 'The address was removed.',
} as const;

async function rotateFrom(
  named: { readonly holderId: string; readonly targetId: string },
  cli: CliContext,
): Promise<void> {
  const { issued, olderUntil } = await carryOut(cli, rotateEventSecret, named);
  cli.answer(
    { target: named.targetId, secret: issued.secret, older_until: olderUntil.toISOString() },
    ...aligned([
      ['Secret', shownOnce(issued.secret)],
      ['Both sign until', olderUntil.toISOString()],
    ]),
  );
}
