import { dateOf } from '../../platform/clock.ts';
import type { Statements } from '../../platform/database/statements.ts';
import type { Platform } from '../../platform/platform.ts';
import { raiseAlert } from '../alerts.ts';
import { type CampaignKind, campaignNow, followCampaign, raiseCampaign } from './campaign.ts';
import { type Minutes, readMinutes, writeMinutes } from './minutes.ts';
import { takeBusyNetworks, takeGuessedAccounts } from './strangers.ts';
import { writeTried } from './tried-accounts.ts';
import { type Floor, goesOn, isUnusual, usualOf } from './unusual.ts';
import { USUAL_OTHERS } from './waits.ts';

/** Minutes that are looked at, and before them those that say what is usual. */
const RECENT = 15;
const USUAL = 24 * 60;
/** So many more accounts at which one password was tried, in ten minutes, is spraying. */
const SPRAYED = 12;
const SPRAYED_MINUTES = 10;
const WRONG: Floor = { slack: 10, news: 30 };
const WRONG_FACTORS: Floor = { slack: 2, news: 10 };

/**
 * Job of every second: writes what strangers did at this process, and looks at what they did at all of them. Whoever
 * wrote something looks, so an installation where nobody fails reads one row.
 */
export async function watchSignIns(platform: Platform): Promise<void> {
  const wrote = await writeMinutes(platform);
  await writeTried(platform);
  await followCampaign(platform);
  if (wrote) await look(platform);
  const networks = takeBusyNetworks(platform);
  if (networks > 0) await tellOfNetworks(platform, networks);
  for (const [account, failures] of takeGuessedAccounts(platform)) {
    const evidence = { account, failures };
    await raiseAlert(platform, {
      kind: 'second-factor-guessing',
      about: account,
      severity: 'notice',
      evidence,
    });
  }
}

async function look(platform: Platform): Promise<void> {
  const minutes = await readMinutes(platform, RECENT - 1);
  const usual = await usualMinutes(platform);
  const kind = judge(minutes, usual, campaignNow(platform));
  if (kind) await raiseCampaign(platform, kind, evidenceOf(minutes, usual));
}

/** What each kind of minute usually brings. */
export type Usual = Readonly<Record<keyof Minutes, number>>;

/** The campaign that these minutes show, or that goes on in them. */
export function judge(
  minutes: Minutes,
  usual: Usual,
  before: CampaignKind | undefined,
): CampaignKind | undefined {
  const is = (what: keyof Minutes, floor: Floor) => isUnusual(minutes[what], usual[what], floor);
  if (isSprayed(minutes['sign-in-one-password'])) return before ?? 'spraying';
  if (is('sign-in-wrong', WRONG)) return before ?? 'stuffing';
  if (is('second-factor-wrong', WRONG_FACTORS)) return before ?? 'second-factor-guessing';
  // Whoever waits fails no more: what keeps a campaign going is that strangers keep coming.
  const strangers = 'sign-in-strangers';
  return goesOn(minutes[strangers], usual[strangers], WRONG) ? before : undefined;
}

function isSprayed(accounts: readonly number[]): boolean {
  return sum(accounts.slice(-SPRAYED_MINUTES)) >= SPRAYED && sum(accounts.slice(-2)) > 0;
}

interface Known {
  readonly at: number;
  readonly usual: Usual;
}

const known = new WeakMap<Statements, Known>();
const MINUTE = 60_000;

/** Read once a minute: a day of minutes is some thousand rows. */
async function usualMinutes(platform: Platform): Promise<Usual> {
  const now = platform.clock.now().getTime();
  const before = known.get(platform.sql);
  if (before && now - before.at < MINUTE && now >= before.at) return before.usual;
  const minutes = await readMinutes(platform, USUAL, RECENT);
  const usual = Object.fromEntries(Object.entries(minutes).map(([what, row]) => [what, usualOf(row)]));
  known.set(platform.sql, { at: now, usual: usual as unknown as Usual });
  return usual as unknown as Usual;
}

function evidenceOf(minutes: Minutes, usual: Usual): Record<string, number> {
  const lately = (what: keyof Minutes) => sum(minutes[what].slice(-5));
  return {
    'wrong-passwords': lately('sign-in-wrong'),
    'usual-wrong-passwords': Math.round(5 * usual['sign-in-wrong']),
    'accounts-tried': lately('sign-in-strangers'),
    'accounts-with-one-password': sum(minutes['sign-in-one-password'].slice(-SPRAYED_MINUTES)),
    'accounts-with-wrong-second-factor': lately('second-factor-wrong'),
  };
}

/** Their own waits are the answer; operators hear of it once a day. */
async function tellOfNetworks(platform: Platform, networks: number): Promise<void> {
  if (campaignNow(platform)) return;
  const evidence = { networks, 'accounts-of-each-at-least': USUAL_OTHERS };
  const about = `networks ${dateOf(platform.clock.now())}`;
  await raiseAlert(platform, { kind: 'stuffing', about, severity: 'notice', evidence });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
