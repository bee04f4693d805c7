import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findAccountByAddress } from '../../../src/accounts/account.ts';
import {
  cancelClosing,
  closeDueAccounts,
  findClosing,
  requestClosing,
} from '../../../src/accounts/area/closing.ts';
import { setObligations } from '../../../src/accounts/obligations.ts';
import type { LiveSession } from '../../../src/accounts/sessions/sessions.ts';
import { waitingLetters } from '../../../src/platform/mail/outbox.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { inTransaction } from '../../../src/platform/transaction.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import { untilSomebodyWaits } from '../../support/locks.ts';
import { createPerson, type Person } from '../../support/people.ts';
import { openTestPlatform } from '../../support/platform.ts';
import { newSession } from '../../support/sessions.ts';

const DAY = 86_400;

let clock: MovableClock;
let platform: OpenPlatform;
let person: Person;
let session: LiveSession;

beforeAll(async () => {
  platform = await openTestPlatform({ clock: { now: () => clock.now() } });
});
afterAll(() => platform.close());
beforeEach(async () => {
  clock = clockAt();
  person = await createPerson(platform);
  session = await newSession(platform, person.id);
});

const actor = () => ({ kind: 'account', id: person.id }) as const;
const request = () => requestClosing(platform, actor(), session);

const isThere = async () => (await platform.db.account.count({ where: { id: person.id } })) === 1;

async function newGrant(id: string) {
  const now = clock.now();
  await platform.db.grant.create({
    data: {
      ...{ id, accountId: person.id, clientId: 'app_x', endsWithSession: false, payload: {} },
      ...{ createdAt: now, expiresAt: new Date(now.getTime() + 1e10), userAgent: 'Firefox', name: 'mine' },
    },
  });
}

describe('an account that its owner closes', () => {
  it('is erased a week later, with everything that names it, and tells by mail', async () => {
    await newGrant(`grant-${person.id}`);
    expect(await request()).toEqual({ ok: true, closesAt: new Date(clock.now().getTime() + 7 * DAY * 1000) });
    clock.forward(7 * DAY - 1);
    await closeDueAccounts(platform);
    expect(await isThere()).toBe(true);
    clock.forward(1);
    await closeDueAccounts(platform);
    const accountId = person.id;
    expect(await isThere()).toBe(false);
    expect(await platform.db.password.count({ where: { accountId } })).toBe(0);
    expect(await platform.db.browserSession.count({ where: { accountId } })).toBe(0);
    expect(await platform.db.grant.findMany({ where: { accountId } })).toMatchObject([
      { revokedAt: expect.any(Date), userAgent: null, name: null },
    ]);
    const letters = (await waitingLetters(platform)).filter(({ to }) => to === person.email);
    expect(letters[0]?.subject).toBe('Your Gatehouse account is closed');
  });

  it('loses its apps and its other sessions at once', async () => {
    await newGrant(`grant-${person.id}`);
    await newSession(platform, person.id);
    await request();
    const live = await platform.db.browserSession.findMany({
      where: { accountId: person.id, endedAt: null },
    });
    expect(live.map(({ id }) => id)).toEqual([session.id]);
    expect(await platform.db.grant.count({ where: { accountId: person.id, revokedAt: null } })).toBe(0);
  });

  it('is kept by one word of its owner, up to the last moment', async () => {
    await request();
    clock.forward(7 * DAY);
    const [kept] = await Promise.all([
      cancelClosing(platform, actor(), person.id),
      closeDueAccounts(platform),
    ]);
    expect(await isThere()).toBe(kept);
    expect(await cancelClosing(platform, actor(), person.id)).toBe(false);
  });

  it('keeps the first date when it is asked for twice', async () => {
    const first = await request();
    clock.forward(DAY);
    expect(await request()).toEqual(first);
  });

  it('stays open while somebody depends on it, before and after the request', async () => {
    const demands = [{ accountId: person.id, kind: 'hold-closing' }] as const;
    await request();
    await setObligations(platform, actor(), { source: 'organization:x', demands });
    clock.forward(8 * DAY);
    await closeDueAccounts(platform);
    expect(await isThere()).toBe(true);
    await cancelClosing(platform, actor(), person.id);
    expect(await request()).toEqual({ ok: false, reason: 'held' });
    expect(await findClosing(platform, person.id)).toEqual({ closesAt: null, held: true });
  });

  it('stays open for whoever comes to depend on it in the last moment', async () => {
    await request();
    clock.forward(8 * DAY);
    const demands = [{ accountId: person.id, kind: 'hold-closing' }] as const;
    let closing: Promise<number> | undefined;
    await inTransaction(platform, async (tx) => {
      await setObligations(tx, actor(), { source: `organization:${person.id}`, demands });
      closing = closeDueAccounts(platform);
      await untilSomebodyWaits(platform);
    });
    await closing;
    expect(await isThere()).toBe(true);
  });

  it('frees its address for somebody new, who is somebody else', async () => {
    await request();
    clock.forward(7 * DAY);
    await closeDueAccounts(platform);
    const again = await createPerson(platform, { email: person.email });
    expect(again.id).not.toBe(person.id);
    expect((await findAccountByAddress(platform, person.email))?.id).toBe(again.id);
  });

  it('is not closed by a session that has ended', async () => {
    await platform.db.browserSession.update({ where: { id: session.id }, data: { endedAt: clock.now() } });
    expect(await request()).toEqual({ ok: false, reason: 'session-over' });
  });

  it('leaves ids alone in the audit trail', async () => {
    await request();
    clock.forward(7 * DAY);
    await closeDueAccounts(platform);
    const events = await platform.db.auditEvent.findMany({ where: { targetId: person.id } });
    expect(events.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['account.closing-requested', 'account.closed']),
    );
    expect(JSON.stringify(events)).not.toContain(person.email);
  });
});
