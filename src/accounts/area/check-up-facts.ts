import { eventsOfAccount } from '../../audit/account-events.ts';
import type { AuditAction } from '../../audit/events.ts';
import { secondsAfter } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';
import { liveInstallations } from '../../tokens/installations.ts';
import { findSessions } from '../sessions/session-list.ts';
import type { LiveSession } from '../sessions/sessions.ts';
import type { CheckUpFacts } from './check-up.ts';
import { listSignInMethods } from './sign-in-methods.ts';

const DAY = 86_400;
const LATELY_SECONDS = 7 * DAY;
const UNUSED_SECONDS = 182 * DAY;

/** What the checkup looks at, seen from this session. */
export async function loadCheckUp(platform: Platform, session: LiveSession): Promise<CheckUpFacts> {
  const { accountId } = session;
  const [methods, lately, unusedApps] = await Promise.all([
    listSignInMethods(platform, accountId),
    lookAtLately(platform, session),
    countUnusedApps(platform, accountId),
  ]);
  return {
    passkeys: methods.passkeys.length,
    syncedPasskeys: methods.passkeys.filter(({ backedUp }) => backedUp).length,
    authenticators: methods.authenticators.length,
    recoveryCodesLeft: methods.recoveryCodesLeft,
    ...lately,
    unusedApps,
  };
}

/** After these the password that somebody may have known is not the password any more. */
const NEW_PASSWORD: readonly AuditAction[] = ['password.changed', 'password-reset.completed'];

async function lookAtLately(platform: Platform, { id, accountId }: LiveSession) {
  const actions = ['second-factor.failed', 'sign-in.new-browser', ...NEW_PASSWORD] as const;
  const found = await eventsOfAccount(platform, { accountId, actions, take: 100 });
  const since = secondsAfter(platform.clock.now(), -LATELY_SECONDS);
  const events = found.filter(({ at }) => at > since);
  const changed = events.findIndex(({ action }) => NEW_PASSWORD.includes(action));
  const failed = (changed < 0 ? events : events.slice(0, changed)).filter(
    ({ action, details }) => action === 'second-factor.failed' && details.knownBrowser !== true,
  );
  const newSessions = events.flatMap(({ action, targetId }) =>
    action === 'sign-in.new-browser' && targetId !== null && targetId !== id ? targetId : [],
  );
  const sessions = await findSessions(platform, accountId, { ids: newSessions, onlyLive: true });
  return { failedSecondFactors: failed.length, newBrowsers: sessions.size };
}

/** Apps of which no installation was used for half a year. A personal token is no app. */
async function countUnusedApps(platform: Platform, accountId: string): Promise<number> {
  const before = secondsAfter(platform.clock.now(), -UNUSED_SECONDS);
  const apps = (await liveInstallations(platform, accountId)).filter(({ name }) => name === null);
  const used = new Set(
    apps.filter((app) => (app.lastUsedAt ?? app.createdAt) > before).map(({ clientId }) => clientId),
  );
  return new Set(apps.map(({ clientId }) => clientId)).size - used.size;
}
