import type { AuditAction } from '../audit/events.ts';
import { countEvents } from '../audit/search.ts';
import { countOpenAlerts } from '../defense/alert-list.ts';
import { countInForce, countWaitingForPeople } from '../defense/suspensions/waiting.ts';
import { countFailingTargets } from '../developers/apis/events/failing-targets.ts';
import { countWaiting } from '../developers/waiting.ts';
import { listSigningKeys } from '../oidc/signing-keys.ts';
import { secondsAfter } from '../platform/clock.ts';
import { countStuckLetters } from '../platform/mail/outbox.ts';
import type { Platform } from '../platform/platform.ts';
import { mayOperate, type OperatorRole, type Permission } from './roles.ts';
import { countWaitingActs } from './waiting-acts.ts';

/** One number of the home page, and the page that shows what it counts; letters have none, their fault is in the log. */
export interface Figure {
  readonly name: FigureName;
  readonly count: number;
  readonly href: string | undefined;
  /** Counted no further than this. */
  readonly orMore: boolean;
}

export type FigureName =
  | 'alerts-page'
  | 'alerts-notice'
  | 'suspensions'
  | 'appeals'
  | 'reviews'
  | 'identifiers'
  | 'acts'
  | 'letters'
  | 'targets'
  | 'keys'
  | 'in-force'
  | 'sign-in-failures'
  | 'sign-ups';

/** Where counting stops, so that a day of an attack costs the page nothing. */
const ENOUGH = 10_000;

/** Days after which the keys that sign should be changed. */
export const KEY_DAYS = 180;

/** What waits for somebody of this role, what is slowed or paused now, and what happened today (UTC). */
export async function figuresFor(
  platform: Platform,
  role: OperatorRole,
): Promise<{ readonly attention: readonly Figure[]; readonly today: readonly Figure[] }> {
  const may = (permission: Permission) => mayOperate(role, permission);
  const [watch, reviews, system, acts, today, inForce] = await Promise.all([
    may('watch.read') ? watchFigures(platform) : [],
    may('reviews.read') ? reviewFigures(platform) : [],
    may('events.read') ? systemFigures(platform) : [],
    may('acts.read') ? actFigures(platform) : [],
    may('events.read') ? todayFigures(platform) : [],
    may('watch.read') ? inForceFigures(platform) : [],
  ]);
  return { attention: [...watch, ...reviews, ...acts, ...system], today: [...inForce, ...today] };
}

async function watchFigures(platform: Platform): Promise<Figure[]> {
  const [alerts, waiting] = await Promise.all([countOpenAlerts(platform), countWaitingForPeople(platform)]);
  return [
    figure('alerts-page', alerts.page, '/admin/alerts'),
    figure('suspensions', waiting.suspensions, '/admin/suspensions?view=human'),
    figure('appeals', waiting.appeals, '/admin/appeals'),
    figure('alerts-notice', alerts.notice, '/admin/alerts'),
  ];
}

async function inForceFigures(platform: Platform): Promise<Figure[]> {
  return [figure('in-force', await countInForce(platform), '/admin/suspensions')];
}

async function reviewFigures(platform: Platform): Promise<Figure[]> {
  const waiting = await countWaiting(platform);
  const identifiers = waiting.get('api') ?? 0;
  const all = [...waiting.values()].reduce((sum, count) => sum + count, 0);
  return [
    figure('reviews', all - identifiers, '/admin/reviews'),
    figure('identifiers', identifiers, '/admin/reviews?kind=api'),
  ];
}

async function actFigures(platform: Platform): Promise<Figure[]> {
  return [figure('acts', await countWaitingActs(platform), '/admin/two-person-acts')];
}

async function systemFigures(platform: Platform): Promise<Figure[]> {
  const [letters, targets, keys] = await Promise.all([
    countStuckLetters(platform),
    countFailingTargets(platform),
    listSigningKeys(platform),
  ]);
  const before = secondsAfter(platform.clock.now(), -KEY_DAYS * 86_400);
  const due = keys.filter(({ state, promotedAt }) => state === 'active' && promotedAt && promotedAt < before);
  return [
    figure('letters', letters),
    figure('targets', targets, '/admin/alerts'),
    figure('keys', due.length, '/admin/keys'),
  ];
}

async function todayFigures(platform: Platform): Promise<Figure[]> {
  const day = platform.clock.now().toISOString().slice(0, 10);
  const of = async (name: FigureName, action: AuditAction) => {
    const count = await countEvents(platform, { action, from: new Date(`${day}T00:00:00Z`) }, ENOUGH);
    return figure(name, count, `/admin/events?action=${action}&from=${day}`);
  };
  return Promise.all([of('sign-in-failures', 'sign-in.failed'), of('sign-ups', 'account.signed-up')]);
}

function figure(name: FigureName, count: number, href?: string): Figure {
  return { name, count, href, orMore: count >= ENOUGH };
}
