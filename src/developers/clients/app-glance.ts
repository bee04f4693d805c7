import { secondsAfter } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Words } from '../../platform/words/text-keys.ts';
import { usageAtAGlance } from '../insights/usage.ts';

/** What a list says of an app beside its name. */
export interface AppGlance {
  /** When the hour of its last call began, too coarse to be told within 24 hours, and how those went. */
  readonly lastCall: Date | null;
  readonly requests: number;
  readonly failures: number;
  /** When the first of its secrets ends that nothing has replaced, where that is near. */
  readonly secretEnds: Date | null;
}

export interface AppWarning {
  readonly words: Words;
  readonly href: string;
}

const SOON_SECONDS = 14 * 86_400;

/** The same of several apps in two statements, however many they are. */
export async function glanceAtApps(platform: Platform, clientIds: readonly string[]): Promise<AppGlance[]> {
  const now = platform.clock.now();
  const [usage, ends] = await Promise.all([
    usageAtAGlance(platform, clientIds),
    platform.db.clientSecret.groupBy({
      by: ['holderId'],
      where: {
        ...{ holderId: { in: [...clientIds] }, replacedAt: null },
        expiresAt: { gt: now, lt: secondsAfter(now, SOON_SECONDS) },
      },
      _min: { expiresAt: true },
    }),
  ]);
  const secretEnds = new Map(ends.map(({ holderId, _min }) => [holderId, _min.expiresAt]));
  return clientIds.map((id) => {
    const { lastCall = null, requests = 0, failures = 0 } = usage.get(id) ?? {};
    return { lastCall, requests, failures, secretEnds: secretEnds.get(id) ?? null };
  });
}

/** So few calls say nothing yet. */
const TELLING = 20;

/** What needs a look, each with the page of the app where it is put right. `path` is that of the app. */
export function warningsOf(app: AppGlance & { readonly suspended: boolean }, path: string): AppWarning[] {
  const { suspended, secretEnds, requests, failures } = app;
  const warnings: AppWarning[] = [];
  if (suspended) warnings.push({ words: 'organizations.app-suspended', href: `${path}/suspensions` });
  if (secretEnds) {
    const words = { key: 'organizations.secret-ends', values: { at: secretEnds } } as const;
    warnings.push({ words, href: `${path}/credentials` });
  }
  if (requests >= TELLING && failures * 10 > requests) {
    const words = { key: 'organizations.calls-failed', values: { failures, requests } } as const;
    warnings.push({ words, href: `${path}/requests` });
  }
  return warnings;
}
