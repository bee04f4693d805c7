import { completeSession } from '../../../src/accounts/sign-in/complete-session.ts';
import { findPendingDevice } from '../../../src/accounts/credentials/totp.ts';
import { loadHalfSession, startSession } from '../../../src/accounts/sessions/sessions.ts';
import type { RunningServer } from '../../../src/main.ts';
import { keyedDigest } from '../../../src/platform/crypto/secrets.ts';
import { waitingLetters } from '../../../src/platform/mail/outbox.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import { codeAt, createPerson, type Person } from '../../support/people.ts';
import { startTestServer } from '../../support/server.ts';
import { type Page, Visitor } from '../../support/visitor.ts';

export const BROWSERS = ['A', 'B'] as const;
export const NAMES = ['Anna', 'Ben'] as const;

export type BrowserName = (typeof BROWSERS)[number];
export type PersonName = (typeof NAMES)[number];

/** One browser of a case, and the session it was given, if any. */
export interface Actor {
  readonly visitor: Visitor;
  readonly sessionId: string | undefined;
}

/** Two people and, anew for every case, two browsers. Whoever acts here knows every code that was sent to anybody. */
export class Scene {
  readonly server: RunningServer;
  readonly clock: MovableClock;
  readonly people = new Map<PersonName, Person>();
  readonly browsers = new Map<BrowserName, Actor>();
  /** Counts the cases, so that addresses typed in them differ. */
  turn = 0;

  constructor(server: RunningServer, clock: MovableClock) {
    this.server = server;
    this.clock = clock;
  }

  get platform() {
    return this.server.platform;
  }

  person(name: PersonName): Person {
    const person = this.people.get(name);
    if (!person) throw new Error(`${name} is not here`);
    return person;
  }

  browser(name: BrowserName): Actor {
    const browser = this.browsers.get(name);
    if (!browser) throw new Error(`browser ${name} is not open`);
    return browser;
  }

  /** New people, because those of the last case are not what they were. */
  async replacePeople(input: { totp?: boolean } = {}): Promise<void> {
    for (const name of NAMES) this.people.set(name, await createPerson(this.platform, { name, ...input }));
  }

  /** Fresh browsers, an hour or more after the last case, so that no limit of an hour is met. */
  async openBrowsers(session: 'none' | 'half' | 'whole'): Promise<void> {
    this.turn += 1;
    this.clock.forward(2 * 3600);
    for (const [index, name] of BROWSERS.entries()) {
      const visitor = new Visitor(this.server.url);
      const { id } = this.person(NAMES[index] ?? 'Anna');
      this.browsers.set(name, { visitor, sessionId: await this.#signIn(visitor, id, session) });
    }
  }

  async #signIn(visitor: Visitor, accountId: string, kind: 'none' | 'half' | 'whole') {
    if (kind === 'none') return undefined;
    const { platform, server } = this;
    const actor = { kind: 'account', id: accountId } as const;
    const origin = { userAgent: 'a browser of the test', address: '127.0.0.1' };
    const begun = await startSession(platform, actor, { accountId, origin });
    const half = await loadHalfSession(platform, begun.secret);
    if (!half) throw new Error('the half session is gone');
    if (kind === 'half') {
      visitor.cookies.set(server.url, 'gatehouse_sign_in', begun.secret);
      return half.id;
    }
    const done = await completeSession(platform, actor, { half, factor: 'otp' });
    if (!done) throw new Error('the session was not completed');
    visitor.cookies.set(server.url, 'gatehouse_session', done.handle.secret);
    return done.session.id;
  }

  /** Sends a form as our own page would, with a valid form token, whether or not that page was ever shown. */
  post(
    { visitor }: Actor,
    path: string,
    fields: Readonly<Record<string, string>> = {},
    purpose: string = path,
  ): Promise<Page> {
    const browser = visitor.cookies.all().get('gatehouse_form') ?? 'f'.repeat(43);
    visitor.cookies.set(this.server.url, 'gatehouse_form', browser);
    const token = keyedDigest(this.platform.vault.secret('form-token'), browser, purpose);
    return visitor.post(path, { ...fields, form_token: token.toString('base64url') }, { follow: false });
  }

  /** The eight digits of the newest letter to this address, whoever asked for it; digits that fit nothing else. */
  async newestCode(to: string): Promise<string> {
    const letters = await waitingLetters(this.platform);
    const letter = letters.find((one) => one.to === to && /\b\d{8}\b/.test(one.text));
    return /\b\d{8}\b/.exec(letter?.text ?? '')?.[0] ?? '00000000';
  }

  /** The code of the seed that this person's own browser was offered, as if somebody had looked over its shoulder. */
  async codeOfSeed({ id, email }: Person): Promise<string> {
    const index = NAMES.findIndex((name) => this.person(name).id === id);
    const { sessionId } = this.browser(BROWSERS[index] ?? 'A');
    const offered = sessionId && (await findPendingDevice(this.platform, { email, sessionId }));
    return offered ? codeAt(offered.seed, this.clock.now()) : '000000';
  }

  /** Everything by which an account can be entered, as one text. */
  async credentialsOf({ id }: Person): Promise<string> {
    const { db } = this.platform;
    const [row] = await db.$queryRaw<{ all: unknown }[]>`
      SELECT json_build_object(
        'email', a.email_key,
        'password', (SELECT phc FROM passwords WHERE account_id = a.id),
        'totp', (SELECT json_agg(id ORDER BY id) FROM totp_devices WHERE account_id = a.id AND confirmed_at IS NOT NULL),
        'passkeys', (SELECT json_agg(id ORDER BY id) FROM passkeys WHERE account_id = a.id),
        'recovery', (SELECT json_agg(id ORDER BY id) FROM recovery_codes WHERE account_id = a.id AND used_at IS NULL),
        'resets', (SELECT count(*) FROM factor_resets WHERE account_id = a.id AND cancelled_at IS NULL),
        'closes', a.closes_at, 'frozen', a.frozen_until) AS all
      FROM accounts a WHERE a.id = ${id}::uuid`;
    return JSON.stringify(row?.all ?? null);
  }

  async liveSessionsOf({ id: accountId }: Person): Promise<number> {
    const where = { accountId, completedAt: { not: null }, endedAt: null };
    return this.platform.db.browserSession.count({ where });
  }
}

export async function openScene(): Promise<Scene> {
  const clock = clockAt();
  return new Scene(await startTestServer({ clock }), clock);
}
