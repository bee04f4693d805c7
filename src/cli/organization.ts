import { type Command, Option } from 'commander';
import { findAccountByAddress } from '../accounts/account.ts';
import { listMembers } from '../developers/organizations/member-list.ts';
import { addMember, changeRole, removeMember } from '../developers/organizations/members.ts';
import {
  createOrganization,
  findOrganization,
  listOrganizations,
  type Organization,
} from '../developers/organizations/organization.ts';
import { searchOrganizations } from '../developers/organizations/organization-search.ts';
import { renameOrganization } from '../developers/organizations/ownership.ts';
import { ROLES, type Role } from '../developers/organizations/roles.ts';
import type { Platform } from '../platform/platform.ts';
import { carryOut } from './carry-out.ts';
import { type CliContext, CommandFault } from './context.ts';
import { registerHosts } from './organization-host.ts';
import { registerOrganizationSuspension } from './organization-suspension.ts';
import { aligned, table } from './output.ts';

export function registerOrganization(program: Command, cli: CliContext): void {
  const group = program
    .command('organization')
    .description('organizations, which own apps and APIs, and their members');
  group
    .command('create')
    .description('creates an organization and makes an account its owner')
    .requiredOption('--name <name>', 'what people read, at most 60 characters')
    .requiredOption('--owner <email>', 'the address of an account')
    .action((options: { name: string; owner: string }) => create(options, cli));
  group
    .command('list')
    .description('lists organizations, the oldest first, 100 at a time')
    .option('--after <id>', 'goes on behind this organization')
    .action((options: { after?: string }) => list(options, cli));
  group
    .command('search <text>')
    .description(
      'finds organizations by how words of their name begin, by their ID or the whole address of a member',
    )
    .option('--before <id>', 'goes on behind this organization')
    .action((wish: string, { before }: { before?: string }) => search({ wish, before }, cli));
  group
    .command('show <id>')
    .description('shows an organization and its members')
    .option('--after <account>', 'goes on behind this member')
    .action((id: string, { after }: { after?: string }) => show({ id, after }, cli));
  group
    .command('rename <id>')
    .description('gives an organization another name; people are asked again for its apps')
    .requiredOption('--name <name>', 'what people read, at most 60 characters')
    .action((id: string, options: { name: string }) => rename({ id, ...options }, cli));
  registerMembers(group, cli);
  registerHosts(group, cli);
  registerOrganizationSuspension(group, cli);
}

function registerMembers(group: Command, cli: CliContext): void {
  const role = () => new Option('--role <role>', 'what they may do').choices(ROLES).makeOptionMandatory();
  const named = (verb: string, about: string) =>
    group
      .command(`${verb} <id>`)
      .description(about)
      .requiredOption('--member <email>', 'the address of their account');
  named('add-member', 'makes an account a member, without an invitation')
    .addOption(role())
    .action((id: string, options: RoleOptions) => add({ id, ...options }, cli));
  named('set-role', 'gives a member another role')
    .addOption(role())
    .action((id: string, options: RoleOptions) => setRole({ id, ...options }, cli));
  named('remove-member', 'ends a membership').action((id: string, options: { member: string }) =>
    remove({ id, ...options }, cli),
  );
}

interface RoleOptions {
  member: string;
  role: Role;
}

async function create({ name, owner }: { name: string; owner: string }, cli: CliContext): Promise<void> {
  const { organization } = await carryOut(cli, createOrganization, { name, ownerEmail: owner });
  cli.answer(
    { id: organization.id },
    `Created the organization ${organization.name}.`,
    ...aligned([['ID', organization.id]]),
    `Next: client create or api create with --organization ${organization.id}`,
  );
}

async function list({ after }: { after?: string }, cli: CliContext): Promise<void> {
  const { organizations, next } = await cli.withPlatform((platform) =>
    listOrganizations(platform, { after }),
  );
  const rows = organizations.map(({ id, name, members, createdAt }) => [
    ...[id, name, String(members), createdAt.toISOString().slice(0, 10)],
  ]);
  cli.answer(
    {
      organizations: organizations.map(({ createdAt, ...one }) => ({ ...one, created_at: createdAt })),
      next: next ?? null,
    },
    ...table(['ID', 'Name', 'Members', 'Since'], rows),
    ...(next ? [`More: organization list --after ${next}`] : []),
  );
}

async function search(
  wish: { readonly wish: string; readonly before: string | undefined },
  cli: CliContext,
): Promise<void> {
  const { organizations, next } = await cli.withPlatform((platform) => searchOrganizations(platform, wish));
  const rows = organizations.map(({ id, name, members, apps, apis, createdAt }) => [
    ...[id, name, String(members), String(apps), String(apis), createdAt.toISOString().slice(0, 10)],
  ]);
  cli.answer(
    {
      organizations: organizations.map(({ createdAt, ...one }) => ({ ...one, created_at: createdAt })),
      next: next ?? null,
    },
    ...(rows.length === 0
      ? ['No organization has this name, ID or member.']
      : table(['ID', 'Name', 'Members', 'Apps', 'APIs', 'Since'], rows)),
    ...(next ? [`More: organization search ${JSON.stringify(wish.wish)} --before ${next}`] : []),
  );
}

async function show(
  { id, after }: { id: string; after: string | undefined },
  cli: CliContext,
): Promise<void> {
  const { organization, members, next } = await cli.withPlatform(async (platform) => {
    const found = await organizationOrFault(platform, id);
    return { organization: found, ...(await listMembers(platform, { organizationId: found.id, after })) };
  });
  const rows = members.map(({ email, name, role, since }) => [
    email,
    name,
    role,
    since.toISOString().slice(0, 10),
  ]);
  cli.answer(
    {
      ...organization,
      members: members.map(({ accountId, email, name, role, since }) => ({
        account: accountId,
        email,
        name,
        role,
        since,
      })),
      next: next ?? null,
    },
    ...aligned([
      ['Name', organization.name],
      ['ID', organization.id],
    ]),
    ...table(['Email', 'Name', 'Role', 'Since'], rows),
    ...(next ? [`More: organization show ${id} --after ${next}`] : []),
  );
}

async function add({ id, member, role }: RoleOptions & { id: string }, cli: CliContext): Promise<void> {
  const place = await placeOf(cli, { id, member });
  await carryOut(cli, addMember, { ...place, role });
  cli.answer({ ...answered(place), role }, `${member} is a member now, with the role ${role}.`);
}

async function setRole({ id, member, role }: RoleOptions & { id: string }, cli: CliContext): Promise<void> {
  const place = await placeOf(cli, { id, member });
  await carryOut(cli, changeRole, { ...place, role });
  cli.answer({ ...answered(place), role }, `${member} has the role ${role} now.`);
}

async function remove({ id, member }: { id: string; member: string }, cli: CliContext): Promise<void> {
  const place = await placeOf(cli, { id, member });
  await carryOut(cli, removeMember, place);
  cli.answer(answered(place), `${member} is no member any more.`);
}

async function rename({ id, name }: { id: string; name: string }, cli: CliContext): Promise<void> {
  const { id: organizationId } = await cli.withPlatform((platform) => organizationOrFault(platform, id));
  const { changed } = await carryOut(cli, renameOrganization, { organizationId, name });
  cli.answer(
    { id, changed },
    changed ? 'Renamed the organization.' : 'The organization has this name already.',
  );
}

interface Place {
  readonly organizationId: string;
  readonly accountId: string;
}

function answered({ organizationId, accountId }: Place): { organization: string; account: string } {
  return { organization: organizationId, account: accountId };
}

function placeOf(cli: CliContext, { id, member }: { id: string; member: string }): Promise<Place> {
  return cli.withPlatform(async (platform) => {
    const { id: organizationId } = await organizationOrFault(platform, id);
    const account = await findAccountByAddress(platform, member);
    if (!account) throw new CommandFault('Nobody has an account with that email address.');
    return { organizationId, accountId: account.id };
  });
}

async function organizationOrFault(platform: Platform, id: string): Promise<Organization> {
  const organization = await findOrganization(platform, id);
  if (!organization) throw new CommandFault('No organization has this ID. See organization list.');
  return organization;
}
