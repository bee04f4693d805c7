import { type Command, Option } from 'commander';
import { LASTING, type Lasting, startByHand } from '../admin/suspensions/start-by-hand.ts';
import { suspensionsOf } from '../defense/suspensions/list.ts';
import { findOrganization } from '../developers/organizations/organization.ts';
import { carryOut } from './carry-out.ts';
import { type CliContext, CommandFault } from './context.ts';
import { endFrom } from './suspension.ts';

/** What stops everything that an organization owns, and lets it go on. */
export function registerOrganizationSuspension(group: Command, cli: CliContext): void {
  group
    .command('suspend <id>')
    .description('stops all apps and APIs of an organization; nothing is destroyed')
    .requiredOption('--reason <sentence>', 'why: its owners read it')
    .addOption(
      new Option('--for <time>', 'how long; open: until two people end it')
        .choices(Object.keys(LASTING))
        .default('open'),
    )
    .action((id: string, options: { reason: string; for: Lasting }) => suspend({ id, ...options }, cli));
  group
    .command('resume <id>')
    .description('ends the suspension of an organization; one without an end takes a second person')
    .option('--reason <sentence>', 'why: the second person reads it')
    .action((id: string, { reason }: { reason?: string }) => resume({ id, reason }, cli));
}

async function suspend(
  { id, reason: note, for: lasting }: { id: string; reason: string; for: Lasting },
  cli: CliContext,
): Promise<void> {
  const wish = { kind: 'organization', organization: id, note, lasting } as const;
  const { suspension, change } = await carryOut(cli, startByHand, wish);
  cli.answer(
    { id: suspension.id, organization: id, until: suspension.until, changed: change !== 'none' },
    change === 'none' ? 'The organization was suspended so already.' : 'The organization is suspended.',
    `To let it go on: organization resume ${id}`,
  );
}

async function resume(
  { id, reason }: { id: string; reason: string | undefined },
  cli: CliContext,
): Promise<void> {
  const suspension = await cli.withPlatform(async (platform) => {
    if (!(await findOrganization(platform, id))) throw new CommandFault('No organization has this ID.');
    const { suspensions } = await suspensionsOf(platform, { organizationId: id, live: true });
    return suspensions.find(({ kind }) => kind === 'organization')?.id;
  });
  if (!suspension) throw new CommandFault('This organization is not suspended.');
  await endFrom(suspension, reason, cli);
}
