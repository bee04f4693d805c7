import type { Statement, Statements } from '../../platform/database/statements.ts';
import { dateOf, secondsAfter } from '../../platform/clock.ts';
import type { Platform } from '../../platform/platform.ts';
import { type AlertKind, raiseAlert } from '../alerts.ts';

/**
 * Passwords are being tried in masses, somewhere in this installation. The state is the open alert about it: every
 * process reads it once a second, a restart forgets nothing, it ends by itself when the alert was not raised again for
 * a while, and at once when an operator closes it as a false alarm, until there is new reason.
 */
export const CAMPAIGNS = [
  'stuffing',
  'spraying',
  'second-factor-guessing',
] as const satisfies readonly AlertKind[];

export type CampaignKind = (typeof CAMPAIGNS)[number];

/** Minutes after which a campaign is over that nothing was seen of any more. */
export const QUIET_SECONDS = 300;

/** An alert that is still true is raised again so often, by whichever process comes first. */
const AGAIN_SECONDS = 10;

interface Seen {
  readonly kind: CampaignKind;
  readonly lastAt: Date;
}

const seen = new WeakMap<Statements, Seen>();

/** As of a second ago, whichever process noticed it. */
export function campaignNow({ sql, clock }: Pick<Platform, 'sql' | 'clock'>): CampaignKind | undefined {
  const campaign = seen.get(sql);
  return campaign && secondsAfter(campaign.lastAt, QUIET_SECONDS) > clock.now() ? campaign.kind : undefined;
}

const FIND: Statement = {
  name: 'find_campaign',
  reads: true,
  text: `SELECT kind, last_at AS "lastAt" FROM alerts
    WHERE closed_at IS NULL AND key = ANY($1) AND last_at > $2 ORDER BY last_at DESC LIMIT 1`,
};

/** Reads what other processes noticed. */
export async function followCampaign({ sql, clock }: Platform): Promise<void> {
  const now = clock.now();
  const days = [now, secondsAfter(now, -QUIET_SECONDS)].map(dateOf);
  const keys = CAMPAIGNS.flatMap((kind) => days.map((day) => `${kind} ${day}`));
  const [found] = await sql.run<{ kind: CampaignKind; lastAt: Date }>(FIND, [
    keys,
    secondsAfter(now, -QUIET_SECONDS),
  ]);
  if (found) seen.set(sql, found);
  else seen.delete(sql);
}

/** Begins a campaign, or says that it goes on: one alert a day and kind. */
export async function raiseCampaign(
  platform: Platform,
  kind: CampaignKind,
  evidence: Readonly<Record<string, number>>,
): Promise<void> {
  const { sql, clock } = platform;
  const now = clock.now();
  const before = seen.get(sql);
  if (before && before.kind === kind && secondsAfter(before.lastAt, AGAIN_SECONDS) > now) return;
  await raiseAlert(platform, { kind, about: dateOf(now), severity: 'page', evidence });
  seen.set(sql, { kind, lastAt: now });
}
