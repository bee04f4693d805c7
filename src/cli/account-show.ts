import type { Command } from 'commander';
import { findAccount } from '../accounts/account.ts';
import { accountOverview, findByExactName } from '../admin/accounts/account-overview.ts';
import type { Platform } from '../platform/platform.ts';
import { type CliContext, CommandFault } from './context.ts';
import { aligned, listed } from './output.ts';

/** What the console shows of an account. */
export function registerAccountShow(account: Command, cli: CliContext): void {
  account
    .command('show')
    .description('shows how somebody signs in, where, and what holds for their account')
    .argument('<account>', 'its address or ID')
    .action(async (name: string) => {
      const found = await cli.withPlatform((platform) => lookUp(platform, name));
      if (!found) throw new CommandFault('Nobody has an account with this address or ID.');
      cli.answer(asObject(found), ...asLines(found));
    });
}

async function lookUp(platform: Platform, name: string) {
  const id = await findByExactName(platform, name);
  const account = id === undefined ? undefined : await findAccount(platform, id);
  return account && { account, ...(await accountOverview(platform, account)) };
}

type Found = NonNullable<Awaited<ReturnType<typeof lookUp>>>;

function asObject({ account, methods, sessions, memberships, apps, suspensions, role, frozen }: Found) {
  return {
    ...{ id: account.id, email: account.email, email_verified: account.emailVerified, name: account.name },
    ...{ operator_role: role ?? null, frozen, closes_at: account.closesAt?.toISOString() ?? null },
    sign_in: {
      ...{ passkeys: methods.passkeys, authenticators: methods.authenticators },
      recovery_codes_left: methods.recoveryCodesLeft,
    },
    sessions: sessions.map(({ id, device, lastSeenAt }) => ({ id, device, last_seen_at: lastSeenAt })),
    organizations: memberships.map(({ organization, role: as }) => ({ ...organization, role: as })),
    apps: apps.map(({ clientId }) => clientId),
    suspensions: suspensions.map(({ id, kind, rule, until }) => ({ id, kind, rule, until })),
  };
}

function asLines({ account, methods, sessions, memberships, apps, suspensions, role, frozen }: Found) {
  const { passkeys, authenticators, recoveryCodesLeft } = methods;
  return aligned([
    ['ID', account.id],
    ['Name', account.name],
    ['Address', account.emailVerified ? account.email : `${account.email} (not proven)`],
    [
      'Signs in with',
      `${passkeys} passkeys, ${authenticators} authenticators, ${recoveryCodesLeft} recovery codes`,
    ],
    ['Browsers', listed(sessions.map(({ device, lastSeenAt }) => `${device} (${lastSeenAt.toISOString()})`))],
    [
      'Organizations',
      listed(memberships.map(({ organization, role: as }) => `${organization.name} (${as})`)),
    ],
    ['Allowed apps', String(apps.length)],
    ['Suspensions', listed(suspensions.map(({ id, kind }) => `${kind} ${id}`))],
    ['Operator', role ?? 'no'],
    ['Changes frozen', frozen ? 'yes' : 'no'],
    ['Is erased', account.closesAt?.toISOString() ?? '-'],
  ]);
}
