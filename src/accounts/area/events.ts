import { type AccountEvent, eventsOfAccount } from '../../audit/account-events.ts';
import type { AuditAction, AuditDetails } from '../../audit/events.ts';
import type { Platform } from '../../platform/platform.ts';
import type { TextKey, Words } from '../../platform/words/text-keys.ts';

/** Something that happened to an account, as its owner reads it. */
export interface Activity {
  readonly id: string;
  readonly at: Date;
  readonly what: Words;
  /** The browser session it was about, where it was about one. */
  readonly sessionId: string | undefined;
  /** How often it happened in a row. */
  readonly times: number;
  /** True where somebody else might have done it, so that "This wasn't me" makes sense. */
  readonly questionable: boolean;
}

export interface ActivityPage {
  readonly activities: readonly Activity[];
  /** Pass it as `before` for earlier ones; undefined on the last page. */
  readonly next: string | undefined;
}

const PAGE = 50;

/** What happened to the account lately, newest first. Kinds without a text here are none of its owner's business. */
export async function listActivity(
  platform: Platform,
  accountId: string,
  { before }: { before?: string | undefined } = {},
): Promise<ActivityPage> {
  const found = await eventsOfAccount(platform, { accountId, actions: KINDS, before, take: PAGE + 1 });
  const page = found.slice(0, PAGE);
  const first = new Set(page.filter(({ action }) => action === NEW_BROWSER).map(({ targetId }) => targetId));
  const signIns = page.filter(({ action }) => action === SIGN_IN);
  const told = page.filter(({ action }) => action !== NEW_BROWSER);
  return {
    activities: inARow(
      told.map((event) =>
        activityOf(event, { newBrowser: first.has(event.targetId), sessionId: sessionOf(event, signIns) }),
      ),
    ),
    next: found.length > PAGE ? page.at(-1)?.id : undefined,
  };
}

interface Kind {
  readonly text: TextKey;
  readonly questionable?: true;
}

const TEXTS: Partial<Record<AuditAction, Kind>> = {
  'account.created': { text: 'events.account-created' },
  'account.signed-up': { text: 'events.signed-up' },
  'account.address-verified': { text: 'events.address-verified' },
  'browser-session.completed': { text: 'events.signed-in', questionable: true },
  'browser-session.ended': { text: 'events.session-ended' },
  'sign-in.failed': { text: 'events.wrong-password' },
  'second-factor.failed': { text: 'events.second-factor-failed', questionable: true },
  'totp-device.added': { text: 'events.totp-added', questionable: true },
  'totp-device.renamed': { text: 'events.totp-renamed' },
  'totp-device.removed': { text: 'events.totp-removed', questionable: true },
  'passkey.added': { text: 'events.passkey-added', questionable: true },
  'passkey.renamed': { text: 'events.passkey-renamed' },
  'passkey.removed': { text: 'events.passkey-removed', questionable: true },
  'password.changed': { text: 'events.password-changed', questionable: true },
  'password-reset.requested': { text: 'events.password-reset-requested' },
  'password-reset.completed': { text: 'events.password-reset', questionable: true },
  'recovery-codes.made': { text: 'events.recovery-codes-made', questionable: true },
  'recovery-code.used': { text: 'events.recovery-code-used', questionable: true },
  'trusted-browser.added': { text: 'events.trusted-browser-added', questionable: true },
  'trusted-browser.removed': { text: 'events.trusted-browser-removed' },
  'trusted-browser.voided': { text: 'events.trusted-browser-voided', questionable: true },
  'factor-reset.requested': { text: 'events.factor-reset-requested', questionable: true },
  'factor-reset.cancelled': { text: 'events.factor-reset-cancelled' },
  'factor-reset.completed': { text: 'events.factor-reset-completed', questionable: true },
  'email-change.requested': { text: 'events.email-change-requested', questionable: true },
  'email-change.confirmed': { text: 'events.email-changed', questionable: true },
  'email-change.undone': { text: 'events.email-change-undone' },
  'trust-domain.joined': { text: 'events.domain-joined' },
  'trust-domain.left': { text: 'events.domain-left' },
  'account.renamed': { text: 'events.renamed' },
  'account.reported': { text: 'events.reported' },
  'account.downloaded': { text: 'events.downloaded', questionable: true },
  'account.closing-requested': { text: 'events.closing-requested', questionable: true },
  'account.closing-cancelled': { text: 'events.closing-cancelled' },
  'consent.given': { text: 'events.app-allowed', questionable: true },
  'consent.changed': { text: 'events.app-changed' },
  'consent.withdrawn': { text: 'events.app-removed' },
  'personal-token.created': { text: 'events.token-made', questionable: true },
  'personal-token.revoked': { text: 'events.token-revoked' },
  'grant.revoked': { text: 'events.app-disconnected' },
  'grant.reuse-told': { text: 'events.token-reused', questionable: true },
};

const SIGN_IN = 'browser-session.completed' satisfies AuditAction;

/** Not told on its own: it says something about the sign-in just before it. */
const NEW_BROWSER = 'sign-in.new-browser' satisfies AuditAction;

const KINDS: readonly AuditAction[] = [NEW_BROWSER, ...(Object.keys(TEXTS) as AuditAction[])];

function activityOf(
  { id, at, action, details }: AccountEvent,
  { newBrowser, sessionId }: { newBrowser: boolean; sessionId: string | undefined },
): Activity {
  const { text, questionable = false } = TEXTS[action] as Kind;
  const what = textOf(action, details, newBrowser) ?? text;
  return { id, at, what, sessionId, times: 1, questionable };
}

const SAME_REQUEST_SECONDS = 10;

/**
 * The session an event was about, or that began in the same request, such as with a recovery code. A caller may choose
 * the id of a request, so that the time has to agree too.
 */
function sessionOf(event: AccountEvent, signIns: readonly AccountEvent[]): string | undefined {
  if (event.action.startsWith('browser-session.')) return event.targetId ?? undefined;
  const signIn = signIns.find(({ requestId, at }) => {
    const apart = Math.abs(at.getTime() - event.at.getTime()) / 1000;
    return requestId !== null && requestId === event.requestId && apart < SAME_REQUEST_SECONDS;
  });
  return signIn?.targetId ?? undefined;
}

/** The same again and again, such as somebody guessing, is told once, with the last time it happened. */
function inARow(activities: readonly Activity[]): Activity[] {
  const rows: Activity[] = [];
  for (const activity of activities) {
    const last = rows.at(-1);
    const again = last && last.what === activity.what && activity.sessionId === undefined;
    if (again) rows[rows.length - 1] = { ...last, times: last.times + 1 };
    else rows.push(activity);
  }
  return rows;
}

/** Where the details say more than the kind. */
function textOf(action: AuditAction, details: AuditDetails, newBrowser: boolean): Words | undefined {
  if (action === 'trust-domain.joined') return ofDomain('events.domain-joined', details);
  if (action === 'trust-domain.left') return ofDomain('events.domain-left', details);
  if (action === 'browser-session.completed') return signInText(details, newBrowser);
  if (action !== 'sign-in.failed' || details.factor !== 'passkey') return undefined;
  return details.reason === 'cloned' ? 'events.passkey-copied' : 'events.passkey-refused';
}

function ofDomain(key: TextKey, { title }: AuditDetails): Words {
  return { key, values: { domain: String(title ?? '') } };
}

function signInText({ continued }: AuditDetails, newBrowser: boolean): TextKey {
  if (continued === true) return 'events.confirmed';
  return newBrowser ? 'events.signed-in-new-browser' : 'events.signed-in';
}
