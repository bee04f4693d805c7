import { type FencedAccount, findAccount, findAccountByAddress, isFrozen } from '../../accounts/account.ts';
import { listSignInMethods, type SignInMethods } from '../../accounts/area/sign-in-methods.ts';
import { deviceInWords } from '../../accounts/sessions/device-in-words.ts';
import { placeInWords } from '../../accounts/sessions/place-in-words.ts';
import { listSessions } from '../../accounts/sessions/session-list.ts';
import { eventsOfAccount } from '../../audit/account-events.ts';
import { AUDIT_ACTIONS } from '../../audit/events.ts';
import { suspensionsOf } from '../../defense/suspensions/list.ts';
import { organizationsOf } from '../../developers/organizations/organization.ts';
import { listConnectedApps } from '../../oidc/connected-apps.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { roleOfOperator } from '../operators.ts';

/** One account by its exact address or id, and never a list of people. */
export async function findByExactName(platform: Platform, name: string): Promise<string | undefined> {
  const written = name.trim();
  if (UUID.test(written)) return (await findAccount(platform, written))?.id;
  return (await findAccountByAddress(platform, written))?.id;
}

/** Everything an operator sees of an account: how it signs in, where, what it belongs to, what it allowed, what happened. */
export async function accountOverview(platform: Platform, account: FencedAccount) {
  const { id } = account;
  const [methods, sessions, memberships, apps, suspensions, events, role, frozen] = await Promise.all([
    listSignInMethods(platform, id),
    listSessions(platform, id),
    organizationsOf(platform, id),
    listConnectedApps(platform, id),
    suspensionsOf(platform, { accountId: id, live: true }),
    eventsOfAccount(platform, { accountId: id, actions: AUDIT_ACTIONS, take: MOST }),
    roleOfOperator(platform, id),
    isFrozen(platform, id),
  ]);
  return {
    methods: counted(methods),
    sessions: sessions.sessions.slice(0, MOST).map(({ userAgent, address, ...session }) => ({
      ...session,
      device: deviceInWords(userAgent),
      place: placeInWords(address),
    })),
    moreSessions: sessions.sessions.length > MOST,
    memberships,
    apps: apps.slice(0, MOST),
    ...{ suspensions: suspensions.suspensions, events, role, frozen },
  };
}

/** A page stays small, whatever somebody has gathered. */
const MOST = 10;

function counted({ passwordChangedAt, passkeys, authenticators, recoveryCodesLeft }: SignInMethods) {
  return {
    ...{ passwordChangedAt, recoveryCodesLeft },
    passkeys: passkeys.length,
    authenticators: authenticators.length,
  };
}
