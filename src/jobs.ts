import { forgetOldMarks } from './audit/deliveries.ts';
import { sweepPasskeyChallenges } from './accounts/credentials/passkey-challenges.ts';
import { sweepFactorResets } from './accounts/recovery/factor-reset.ts';
import { closeDueAccounts } from './accounts/area/closing.ts';
import { sweepEmailChanges } from './accounts/area/email-change.ts';
import { sweepMailCodes } from './accounts/mail-codes.ts';
import { sweepPasswordResets } from './accounts/recovery/password-reset.ts';
import { endIdleSessions } from './accounts/sessions/sessions.ts';
import { sweepSignUps } from './accounts/sign-up/sign-up.ts';
import { tellOfSuspensions } from './developers/suspensions/tell-of-suspensions.ts';
import { writeUsage } from './developers/insights/usage-notes.ts';
import { forgetOldUsage } from './developers/insights/usage-retention.ts';
import { sweepTrustedBrowsers } from './accounts/sessions/trusted-browsers.ts';
import { sweepSignUpPasses } from './accounts/sign-up/sign-up-passes.ts';
import { forgetOldRequests } from './developers/insights/forget-requests.ts';
import { writeRequests } from './developers/insights/request-log.ts';
import { eraseFromPortal } from './developers/erasure.ts';
import { sweepInvitations } from './developers/organizations/invitation-list.ts';
import { forgetUnusedBrowsers } from './defense/known-browsers.ts';
import { followBaselines, forgetOldBaselines } from './defense/signals/follow-baselines.ts';
import { forgetOldSignals } from './defense/signals/forget-signals.ts';
import { runRules } from './developers/watch/run-rules.ts';
import { forgetOldLimits } from './defense/limits/reset.ts';
import { measureWatch } from './defense/watch-gauges.ts';
import { forgetOldAlerts } from './defense/forget-alerts.ts';
import { forgetOldSuspensions } from './defense/suspensions/forget-suspensions.ts';
import { followNetworks } from './defense/suspensions/networks.ts';
import { followSlowed } from './defense/suspensions/slowed.ts';
import { settleSuspensions } from './defense/suspensions/settle.ts';
import { forgetOldFailures } from './defense/lockouts.ts';
import { watchSignIns } from './defense/sign-in-watch/watch-sign-ins.ts';
import { forgetReachedPeople } from './developers/access/people-cap.ts';
import { forgetOldDeliveries } from './developers/apis/events/forget-deliveries.ts';
import { deliverDueEvents } from './developers/apis/events/deliver-events.ts';
import { forgetOldReports } from './developers/apis/reports/forget-reports.ts';
import { keyOlderNames } from './developers/clients/older-names.ts';
import { writeCredentialUses } from './developers/clients/credentials/credential-uses.ts';
import { endSilentSecrets, warnOfEndingSecrets } from './developers/clients/credentials/secret-ends.ts';
import { tellOfAlerts } from './admin/alerts/tell-of-alerts.ts';
import { carryOutDueActs } from './admin/carry-out-act.ts';
import { forgetOldActs } from './admin/forget-acts.ts';
import { eraseFromConsole } from './admin/operators.ts';
import type { Engine } from './oidc/provider.ts';
import { queueEvents, queueLateEvents } from './oidc/queue-events.ts';
import { writeReuseNotices } from './oidc/reuse-notices.ts';
import { ensureNextKeys, removeOldKeys } from './oidc/signing-keys.ts';
import { deliverDueLetters, forgetErasedLetters, measureLetters } from './platform/mail/outbox.ts';
import type { Job } from './platform/scheduler.ts';
import { followSettings } from './platform/settings.ts';
import { sweepExpiredArtifacts } from './tokens/expiry.ts';
import { writeLastUses } from './tokens/last-used.ts';

/** Every periodic task and its rhythm. Each is safe to run in several processes at once. */
export function jobsOf(engine: Engine): Job[] {
  return [
    { name: 'follow-signing-keys', every: '* * * * * *', run: () => engine.followKeys() },
    { name: 'follow-settings', every: '* * * * * *', run: followSettings },
    { name: 'settle-suspensions', every: '* * * * * *', run: settleSuspensions },
    { name: 'tell-of-suspensions', every: '*/2 * * * * *', run: tellOfSuspensions },
    { name: 'follow-networks', every: '* * * * * *', run: followNetworks },
    { name: 'follow-slowed', every: '* * * * * *', run: followSlowed },
    { name: 'deliver-letters', every: '* * * * * *', run: deliverDueLetters },
    { name: 'queue-events', every: '*/2 * * * * *', run: queueEvents },
    { name: 'queue-late-events', every: '25 5 * * * *', jitterSeconds: 600, run: queueLateEvents },
    { name: 'deliver-events', every: '* * * * * *', run: deliverDueEvents },
    { name: 'watch-sign-ins', every: '* * * * * *', run: watchSignIns },
    { name: 'write-last-uses', every: '*/5 * * * * *', run: writeLastUses },
    { name: 'run-rules', every: '* * * * * *', run: runRules },
    { name: 'write-usage', every: '*/5 * * * * *', run: writeUsage },
    { name: 'write-requests', every: '* * * * * *', run: writeRequests },
    { name: 'forget-requests', every: '15 5 * * * *', jitterSeconds: 600, run: forgetOldRequests },
    { name: 'write-credential-uses', every: '*/5 * * * * *', run: writeCredentialUses },
    { name: 'end-silent-secrets', every: '15 * * * * *', jitterSeconds: 30, run: endSilentSecrets },
    { name: 'warn-of-ending-secrets', every: '35 * * * * *', jitterSeconds: 20, run: warnOfEndingSecrets },
    { name: 'key-older-names', every: '5 */10 * * * *', jitterSeconds: 60, run: keyOlderNames },
    { name: 'write-reuse-notices', every: '*/3 * * * * *', run: writeReuseNotices },
    { name: 'measure-watch', every: '*/10 * * * * *', run: measureWatch },
    { name: 'measure-letters', every: '*/10 * * * * *', run: measureLetters },
    { name: 'publish-next-keys', every: '*/10 * * * * *', run: ensureNextKeys },
    { name: 'end-idle-sessions', every: '0 * * * * *', jitterSeconds: 30, run: endIdleSessions },
    { name: 'sweep-artifacts', every: '20 */5 * * * *', jitterSeconds: 60, run: sweepExpiredArtifacts },
    { name: 'sweep-mail-codes', every: '40 */10 * * * *', jitterSeconds: 60, run: sweepMailCodes },
    {
      name: 'sweep-passkey-challenges',
      every: '55 * * * * *',
      jitterSeconds: 30,
      run: sweepPasskeyChallenges,
    },
    { name: 'forget-letters', every: '50 15 * * * *', jitterSeconds: 60, run: forgetErasedLetters },
    { name: 'sweep-sign-ups', every: '45 */10 * * * *', jitterSeconds: 60, run: sweepSignUps },
    { name: 'sweep-passes', every: '35 20 * * * *', jitterSeconds: 60, run: sweepSignUpPasses },
    { name: 'sweep-resets', every: '25 */10 * * * *', jitterSeconds: 60, run: sweepPasswordResets },
    { name: 'sweep-email-changes', every: '30 25 * * * *', jitterSeconds: 60, run: sweepEmailChanges },
    {
      name: 'close-due-accounts',
      every: '10 * * * * *',
      jitterSeconds: 30,
      run: (platform) => closeDueAccounts(platform, [eraseFromPortal, eraseFromConsole]),
    },
    { name: 'tell-of-alerts', every: '*/10 * * * * *', run: tellOfAlerts },
    { name: 'carry-out-due-acts', every: '25 * * * * *', jitterSeconds: 20, run: carryOutDueActs },
    { name: 'forget-limits', every: '25 * * * * *', jitterSeconds: 20, run: forgetOldLimits },
    { name: 'forget-failures', every: '0 10 * * * *', jitterSeconds: 60, run: forgetOldFailures },
    { name: 'sweep-trusted-browsers', every: '55 25 * * * *', jitterSeconds: 60, run: sweepTrustedBrowsers },
    { name: 'sweep-factor-resets', every: '0 40 3 * * *', jitterSeconds: 600, run: sweepFactorResets },
    { name: 'forget-reached-people', every: '0 50 * * * *', jitterSeconds: 600, run: forgetReachedPeople },
    { name: 'forget-browsers', every: '0 20 3 * * *', jitterSeconds: 600, run: forgetUnusedBrowsers },
    { name: 'follow-baselines', every: '5,25,45 * * * * *', run: followBaselines },
    { name: 'forget-baselines', every: '0 55 3 * * *', jitterSeconds: 600, run: forgetOldBaselines },
    { name: 'forget-signals', every: '0 5 * * * *', jitterSeconds: 600, run: forgetOldSignals },
    { name: 'forget-deliveries', every: '40 35 * * * *', jitterSeconds: 600, run: forgetOldDeliveries },
    { name: 'forget-reports', every: '0 45 3 * * *', jitterSeconds: 600, run: forgetOldReports },
    { name: 'forget-usage', every: '0 50 3 * * *', jitterSeconds: 600, run: forgetOldUsage },
    { name: 'sweep-invitations', every: '0 50 3 * * *', jitterSeconds: 600, run: sweepInvitations },
    { name: 'forget-suspensions', every: '0 40 4 * * *', jitterSeconds: 600, run: forgetOldSuspensions },
    { name: 'forget-alerts', every: '0 50 4 * * *', jitterSeconds: 600, run: forgetOldAlerts },
    { name: 'forget-acts', every: '0 55 4 * * *', jitterSeconds: 600, run: forgetOldActs },
    { name: 'forget-marks', every: '0 10 4 * * *', jitterSeconds: 600, run: forgetOldMarks },
    { name: 'remove-old-keys', every: '0 30 3 * * *', jitterSeconds: 600, run: removeOldKeys },
  ];
}
