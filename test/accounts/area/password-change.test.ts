import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changePassword } from '../../../src/accounts/area/password-change.ts';
import { endSession, type LiveSession, loadHalfSession } from '../../../src/accounts/sessions/sessions.ts';
import { signIn } from '../../../src/accounts/sign-in/sign-in.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { createPerson, PASSWORD, type Person } from '../../support/people.ts';
import { openTestPlatform } from '../../support/platform.ts';
import { newSession } from '../../support/sessions.ts';

const BROWSER = { kind: 'browser' } as const;
const ORIGIN = { userAgent: 'test', address: '127.0.0.1' };
const NEW = 'amber lantern over gravel';

let platform: OpenPlatform;
let person: Person;
let session: LiveSession;

beforeAll(async () => {
  platform = await openTestPlatform();
});
afterAll(() => platform.close());
beforeEach(async () => {
  person = await createPerson(platform);
  session = await newSession(platform, person.id);
});

function change() {
  const typed = { currentPassword: PASSWORD, newPassword: NEW, browser: undefined, endOthers: false };
  return changePassword(platform, { kind: 'account', id: person.id }, { session, ...typed });
}

const enter = (password: string) =>
  signIn(platform, BROWSER, { emailKey: person.email, password, browser: undefined, origin: ORIGIN });

describe('a change of the password', () => {
  it('ends the sign-ins that are under way with the old one, and leaves other sessions alone', async () => {
    const other = await newSession(platform, person.id);
    const half = await enter(PASSWORD);
    if (!half.ok) throw new Error(half.reason);
    expect(await change()).toEqual({ ok: true });
    expect(await loadHalfSession(platform, half.handle.secret)).toBeUndefined();
    const live = { accountId: person.id, endedAt: null };
    const rows = await platform.db.browserSession.findMany({ where: live, orderBy: { id: 'asc' } });
    expect(rows.map(({ id }) => id)).toEqual([session.id, other.id].sort());
  });

  it('is not done for a session that was ended while the passwords were hashed', async () => {
    await endSession(platform, BROWSER, session.id);
    expect(await change()).toEqual({ ok: false, reason: 'session-over' });
    expect(await enter(PASSWORD)).toMatchObject({ ok: true });
    expect(await enter(NEW)).toMatchObject({ ok: false });
  });
});
