import { type Command, Option } from 'commander';
import { endEarly } from '../admin/suspensions/end-early.ts';
import { type Lasting, LASTING, startByHand } from '../admin/suspensions/start-by-hand.ts';
import { appealAgainst } from '../defense/suspensions/appeals.ts';
import { effectOf } from '../defense/suspensions/ladder.ts';
import { suspensionsOf } from '../defense/suspensions/list.ts';
import {
  findSuspension,
  KINDS,
  type Suspension,
  type SuspensionKind,
} from '../defense/suspensions/suspension.ts';
import { KINDS_BY_HAND, type KindByHand, type TypedSubject } from '../developers/suspension-subjects.ts';
import { carryOut } from './carry-out.ts';
import { type CliContext, CommandFault } from './context.ts';
import { wholeNumber } from './input.ts';
import { aligned, table } from './output.ts';

export function registerSuspension(program: Command, cli: CliContext): void {
  const group = program.command('suspension').description('what is slowed or paused because of misuse');
  group
    .command('list')
    .description('lists suspensions, the newest first')
    .addOption(new Option('--view <view>', 'which').choices(['live', 'ended', 'waiting']).default('live'))
    .addOption(new Option('--kind <kind>', 'only of one kind').choices(KINDS))
    .option('--client <client_id>', 'only of one app')
    .option('--dry-runs', 'also what only says what would have been done')
    .option('--after <suspension>', 'continues after this one')
    .option('--limit <number>', 'how many, 50 by default', wholeNumber(1, 500))
    .action((options: ListOptions) => listFrom(options, cli));
  group
    .command('show')
    .description('shows one with its cause and evidence')
    .argument('<suspension>', 'its ID')
    .action((id: string) => showFrom(id, cli));
  registerStart(group, cli);
  group
    .command('end')
    .description('ends one early; where it waits for a human, asks a second person')
    .argument('<suspension>', 'its ID')
    .option('--reason <sentence>', 'where it waits for a human: why; the second person reads it')
    .action((id: string, { reason }: { reason?: string }) => endFrom(id, reason, cli));
}

function registerStart(group: Command, cli: CliContext): void {
  group
    .command('start')
    .description('suspends an app, an access, an API, an organization, an account or a network')
    .addOption(new Option('--kind <kind>', 'what is paused').choices(KINDS_BY_HAND).makeOptionMandatory())
    .option('--client <client_id>', 'the app')
    .option('--api <api>', 'the API, by ID or identifier')
    .option('--account <account>', 'the account, by ID or email')
    .option('--organization <id>', 'the organization')
    .option('--network <network>', 'an address or a range, such as 192.0.2.0/24')
    .requiredOption('--note <sentence>', 'why: the owners read it')
    .addOption(
      new Option('--for <time>', 'how long; open waits for a human')
        .choices(Object.keys(LASTING))
        .default('open'),
    )
    .action((options: StartOptions) => startFrom(options, cli));
}

interface ListOptions {
  view: 'live' | 'ended' | 'waiting';
  kind?: SuspensionKind;
  client?: string;
  dryRuns?: boolean;
  after?: string;
  limit?: number;
}

async function listFrom(options: ListOptions, cli: CliContext): Promise<void> {
  const { view, kind, client, dryRuns = false, after, limit } = options;
  const filter = {
    ...{ kind, withDryRuns: dryRuns },
    ...(client !== undefined && { clientIds: [client] }),
    ...(view === 'waiting' ? { waiting: true } : { live: view === 'live' }),
  };
  const { page, now } = await cli.withPlatform(async (platform) => ({
    page: await suspensionsOf(platform, filter, { after, ...(limit !== undefined && { limit }) }),
    now: platform.clock.now(),
  }));
  const rows = page.suspensions.map((one) => {
    const { state, until } = effectOf(one, now);
    const what = one.dryRun ? `${one.kind} (dry run)` : one.kind;
    return [one.id, what, state, until?.toISOString() ?? '-', one.rule, namesOf(one)];
  });
  cli.answer(
    { suspensions: page.suspensions.map((one) => suspensionObject(one, now)), next: page.next ?? null },
    ...(rows.length === 0
      ? ['There are no suspensions here.']
      : table(['SUSPENSION', 'KIND', 'STATE', 'UNTIL', 'RULE', 'OF'], rows)),
    ...(page.next === undefined ? [] : [`More: suspension list --view ${view} --after ${page.next}`]),
  );
}

async function showFrom(id: string, cli: CliContext): Promise<void> {
  const { found, appeal, now } = await cli.withPlatform(async (platform) => ({
    found: await findSuspension(platform, id),
    appeal: await appealOf(platform, id),
    now: platform.clock.now(),
  }));
  if (!found) throw new CommandFault('No suspension has this ID.');
  const { state, until } = effectOf(found, now);
  cli.answer(
    { ...suspensionObject(found, now), appeal: appeal ?? null },
    ...aligned([
      ['Suspension', found.id],
      ['What', found.dryRun ? `${found.kind}, dry run: does nothing` : found.kind],
      ['Of', namesOf(found)],
      ['State', state],
      ['Until', until?.toISOString() ?? '-'],
      ['Rule', found.rule],
      ['Note', found.note ?? '-'],
      ['Evidence', JSON.stringify(found.evidence)],
      ['Paused in a row', String(found.level)],
      ['JWTs that outlive it', outliving(found)],
      ['Began', found.startedAt.toISOString()],
      ['Ended', found.endedAt ? `${found.endedAt.toISOString()} by ${found.endedBy}` : '-'],
      ['Appeal', appeal ?? '-'],
    ]),
  );
}

async function appealOf(
  platform: Parameters<typeof appealAgainst>[0],
  id: string,
): Promise<string | undefined> {
  const found = (await findSuspension(platform, id)) && (await appealAgainst(platform, id));
  return found ? `${found.id} (${found.outcome ?? 'waits'})` : undefined;
}

function outliving({ outlivingTokens, outlivingUntil }: Suspension): string {
  return outlivingUntil ? `at most ${outlivingTokens} until ${outlivingUntil.toISOString()}` : 'none';
}

interface StartOptions extends TypedSubject {
  kind: KindByHand;
  note: string;
  for: Lasting;
}

async function startFrom({ for: lasting, ...wish }: StartOptions, cli: CliContext): Promise<void> {
  const { suspension, change } = await carryOut(cli, startByHand, { ...wish, lasting });
  cli.answer(
    { suspension: suspension.id, changed: change !== 'none' },
    change === 'none' ? 'This was suspended already.' : `Suspended: ${suspension.id}`,
    `To end it: suspension end ${suspension.id}`,
  );
}

export async function endFrom(id: string, reason: string | undefined, cli: CliContext): Promise<void> {
  const ended = await carryOut(cli, endEarly, { suspension: id, reason });
  if (ended.outcome === 'ended') return cli.answer({ suspension: id, outcome: 'ended' }, 'Ended.');
  const due = ended.dueAt?.toISOString();
  cli.answer(
    { suspension: id, outcome: 'asked', act: ended.act, due_at: due ?? null },
    'It waits for a human, so a second person was asked.',
    due
      ? `Nobody else could confirm it: it is done at ${due}, unless withdrawn.`
      : `They confirm it: act confirm ${ended.act}`,
  );
}

function namesOf(one: Suspension): string {
  const { clientId, apiId, grantId, accountId, organizationId, network } = one;
  return [clientId, apiId, grantId, accountId, organizationId, network].filter(Boolean).join(' ');
}

function suspensionObject(one: Suspension, now: Date): Record<string, unknown> {
  const { state, share, until } = effectOf(one, now);
  return {
    ...{ id: one.id, kind: one.kind, client_id: one.clientId, api: one.apiId, grant: one.grantId },
    ...{ account: one.accountId, organization: one.organizationId, network: one.network },
    ...{ state, share, until: until?.toISOString() ?? null, level: one.level },
    ...{ rule: one.rule, note: one.note, evidence: one.evidence, dry_run: one.dryRun },
    ...{
      started_at: one.startedAt.toISOString(),
      ended_at: one.endedAt?.toISOString() ?? null,
      ended_by: one.endedBy,
    },
    ...{ outliving_tokens: one.outlivingTokens, outliving_until: one.outlivingUntil?.toISOString() ?? null },
  };
}
