import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tellOfAlerts } from '../../src/admin/alerts/tell-of-alerts.ts';
import { closeAlert, findAlert, listAlerts } from '../../src/defense/alert-list.ts';
import { raiseAlert } from '../../src/defense/alerts.ts';
import { forgetOldAlerts } from '../../src/defense/forget-alerts.ts';
import { waitingLetters } from '../../src/platform/mail/outbox.ts';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { ok, operator as cli } from '../support/developers.ts';
import { anOperator, asOperator } from '../support/operators.ts';
import { createPerson } from '../support/people.ts';
import { openTestPlatform } from '../support/platform.ts';
import { shiftTime } from '../support/time.ts';

let database: TestDatabase;
let platform: OpenPlatform;
let other: OpenPlatform;
beforeAll(async () => {
  database = await createTestDatabase();
  platform = await openTestPlatform({ database });
  other = await openTestPlatform({ database });
});
beforeEach(async () => {
  await platform.db.operator.deleteMany();
  await platform.db.letter.deleteMany();
  await platform.db.alert.deleteMany();
});
afterAll(async () => {
  await other.close();
  await platform.close();
  await database.drop();
});

const page = { kind: 'stuffing', severity: 'page', evidence: { failures: 900 } } as const;
const lettersTo = async (email: string) => (await waitingLetters(platform)).filter(({ to }) => to === email);

describe('an alert', () => {
  it('that is for now is mailed once an incident, by whichever process', async () => {
    const guard = await anOperator(platform, 'security');
    const support = await anOperator(platform, 'support');
    for (let i = 0; i < 3; i++) await raiseAlert(platform, page);
    const told = await Promise.all([platform, other, platform, other].map(tellOfAlerts));
    expect(told.reduce((sum, count) => sum + count)).toBe(1);
    await raiseAlert(platform, page);
    expect(await tellOfAlerts(other)).toBe(0);
    const [letter, ...more] = await lettersTo(guard.email);
    expect(more).toEqual([]);
    expect(letter?.text).toContain('/admin/alerts/');
    expect(letter?.text).not.toContain('@');
    expect(await lettersTo(support.email)).toEqual([]);
  });

  it('that is for today is mailed to nobody, unless it grows', async () => {
    const guard = await anOperator(platform, 'security');
    await raiseAlert(platform, { ...page, severity: 'notice' });
    expect(await tellOfAlerts(platform)).toBe(0);
    await raiseAlert(platform, page);
    expect(await tellOfAlerts(platform)).toBe(1);
    expect(await lettersTo(guard.email)).toHaveLength(1);
  });

  it('is closed by operators alone, once, with a note; the same again is a new one and told anew', async () => {
    await raiseAlert(platform, page);
    await tellOfAlerts(platform);
    const [{ id } = { id: '' }] = (await listAlerts(platform, { open: true })).alerts;
    const stranger = await createPerson(platform);
    const wish = { id, note: 'A test of ours.' };
    expect(await closeAlert(platform, { kind: 'account', id: stranger.id }, wish)).toMatchObject({
      reason: 'operator',
    });
    expect(await closeAlert(platform, cli, { id, note: ' ' })).toMatchObject({ reason: 'note' });
    const guard = asOperator(await anOperator(platform, 'security'));
    const closings = await Promise.all([closeAlert(platform, guard, wish), closeAlert(other, guard, wish)]);
    expect(closings.filter((closing) => closing.ok)).toHaveLength(1);
    expect((await findAlert(platform, id))?.closedAt).toBeInstanceOf(Date);
    await raiseAlert(platform, page);
    expect((await listAlerts(platform, { open: true })).alerts).toHaveLength(1);
    expect(await tellOfAlerts(platform)).toBe(1);
    expect(ok(await closeAlert(platform, cli, { ...wish, id: await openId() }))).toBeTruthy();
  });
});

async function openId(): Promise<string> {
  return String((await listAlerts(platform, { open: true })).alerts[0]?.id);
}

describe('an alert of long ago', () => {
  const open = async () => (await listAlerts(platform, { open: true })).alerts;

  it('is forgotten a year after it was closed or last raised, and not while it goes on', async () => {
    await raiseAlert(platform, page);
    const [first] = await open();
    ok(await closeAlert(platform, cli, { id: String(first?.id), note: 'A test of ours.' }));
    await raiseAlert(platform, page);
    await raiseAlert(platform, { ...page, about: 'silent' });
    const time = shiftTime();
    try {
      time.forward(399 * 86_400);
      expect(await forgetOldAlerts(platform)).toBe(0);
      await raiseAlert(platform, page);
      time.forward(2 * 86_400);
      expect(await forgetOldAlerts(platform)).toBe(2);
      expect((await open()).map(({ count }) => count)).toEqual([2]);
    } finally {
      time.restore();
    }
  });
});
