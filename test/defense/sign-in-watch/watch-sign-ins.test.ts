import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { campaignNow, QUIET_SECONDS } from '../../../src/defense/sign-in-watch/campaign.ts';
import {
  noteRightPassword,
  noteVainTry,
  noteWrongFactor,
  strangerWith,
  waitOf,
} from '../../../src/defense/sign-in-watch/strangers.ts';
import {
  type CountedOthers,
  othersTriedSql,
  othersTriedValues,
  triedAccount,
} from '../../../src/defense/sign-in-watch/tried-accounts.ts';
import { turnOf } from '../../../src/defense/sign-in-watch/wait-ticket.ts';
import { watchSignIns } from '../../../src/defense/sign-in-watch/watch-sign-ins.ts';
import { newId } from '../../../src/platform/ids.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openTestPlatform } from '../../support/platform.ts';

let clock: MovableClock;
let database: TestDatabase;
/** Two processes of one installation. */
let one: OpenPlatform;
let two: OpenPlatform;

beforeAll(async () => {
  database = await createTestDatabase();
  const shared = { database, clock: { now: () => clock.now() } };
  one = await openTestPlatform(shared);
  two = await openTestPlatform(shared);
});
afterAll(async () => {
  await Promise.all([one.close(), two.close()]);
  await database.drop();
});
let day = 0;
beforeEach(async () => {
  day += 1;
  clock = clockAt(Date.UTC(2026, 10, day, 12));
  // What the test before left in memory is written, and forgotten with the rest.
  await watch();
  await one.db.signalCount.deleteMany();
  await one.db.signalMember.deleteMany();
  await one.db.alert.deleteMany();
  await watch();
});

async function watch() {
  await watchSignIns(one);
  await watchSignIns(two);
  await watchSignIns(one);
}

interface Arrival {
  readonly subject: string;
  readonly address: string;
}

async function meetStranger(platform: OpenPlatform, { subject, address }: Arrival) {
  const tried = triedAccount(platform, subject, address);
  const statement = { name: 'others_tried', text: othersTriedSql(1) };
  const [row] = await platform.sql.run(statement, othersTriedValues(platform, tried));
  return strangerWith(platform, tried, row as CountedOthers);
}

let number = 0;
const somebody = (): Arrival => {
  number += 1;
  return {
    subject: `${newId()}@example.com`,
    address: `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`,
  };
};

async function fail(platform: OpenPlatform, arrival: Arrival, password = newId()) {
  noteVainTry(platform, await meetStranger(platform, arrival), { password, wrong: true });
}

async function waitFor(platform: OpenPlatform, arrival: Arrival, password = newId()) {
  return waitOf(platform, await meetStranger(platform, arrival), password);
}

const typed = (ticket: string | undefined) => ({ password: 'a password', ticket });

const alerts = async () => {
  const rows = await one.db.alert.findMany({ where: { closedAt: null }, orderBy: { key: 'asc' } });
  return rows.map(({ kind, severity }) => `${kind} ${severity}`);
};

/** One try an address, so that no network stands out; each process sees half of them. */
async function burst(tries: number, password?: string) {
  for (let n = 0; n < tries; n += 1) {
    await fail(n % 2 ? one : two, { ...somebody(), address: `10.${n % 250}.${number % 250}.1` }, password);
  }
}

describe('a campaign', () => {
  it('is noticed by two processes that see half of it each, and known to both', async () => {
    await burst(44);
    await watch();
    expect([campaignNow(one), campaignNow(two)]).toEqual(['stuffing', 'stuffing']);
    expect(await alerts()).toEqual(['stuffing page']);
  });

  it('of a slow kind adds up within minutes', async () => {
    let minutes = 0;
    for (; campaignNow(one) === undefined && minutes < 10; minutes += 1) {
      await burst(25);
      await watch();
      clock.forward(60);
    }
    expect(minutes).toBeLessThanOrEqual(3);
  });

  it('that tries one password is called so, long before it is many failures', async () => {
    await burst(32, 'autumn 2026');
    await watch();
    expect(campaignNow(two)).toBe('spraying');
    expect(await alerts()).toEqual(['spraying page']);
  });

  it('makes the password that it tries wait everywhere, whoever tries it, and no other', async () => {
    await burst(60, 'autumn 2026');
    await watch();
    expect(await waitFor(one, somebody(), 'autumn 2026')).toBeGreaterThan(3600);
    expect(await waitFor(one, somebody(), 'winter 2026')).toBe(20);
  });

  it('that has the passwords already is seen by the second factors that fail', async () => {
    for (let n = 0; n < 14; n += 1) noteWrongFactor(n % 2 ? one : two, { accountId: newId(), failures: 1 });
    await watch();
    expect(campaignNow(two)).toBe('second-factor-guessing');
  });

  it('goes on while strangers keep coming, and ends by itself when they do not', async () => {
    await burst(44);
    await watch();
    for (let minute = 0; minute < 10; minute += 1) {
      clock.forward(60);
      for (let n = 0; n < 20; n += 1) {
        noteVainTry(one, await meetStranger(one, somebody()), { password: newId(), wrong: false });
      }
      await watch();
    }
    expect(campaignNow(two)).toBe('stuffing');
    clock.forward(60);
    await watch();
    clock.forward(QUIET_SECONDS);
    await watch();
    expect([campaignNow(one), campaignNow(two)]).toEqual([undefined, undefined]);
    await fail(one, somebody());
    await watch();
    expect(campaignNow(one)).toBeUndefined();
  });

  it('is over when an operator closes it as a false alarm', async () => {
    await burst(44);
    await watch();
    clock.forward(120);
    await one.db.alert.updateMany({ data: { closedAt: clock.now() } });
    await watch();
    expect([campaignNow(one), campaignNow(two)]).toEqual([undefined, undefined]);
  });

  it('is not made of one account that is guessed at, nor of people who mistype', async () => {
    const victim = somebody();
    for (let n = 0; n < 100; n += 1) await fail(one, { ...somebody(), subject: victim.subject });
    for (let n = 0; n < 8; n += 1) await fail(two, somebody());
    await watch();
    expect(campaignNow(one)).toBeUndefined();
    expect(await alerts()).toEqual([]);
  });

  it('is not made by one address, however many accounts it tries', async () => {
    const { address } = somebody();
    for (let n = 0; n < 200; n += 1) {
      const arrival = { ...somebody(), address };
      const wrong = (await waitFor(one, arrival)) === 0;
      noteVainTry(one, await meetStranger(one, arrival), { password: newId(), wrong });
    }
    await watch();
    expect(campaignNow(one)).toBeUndefined();
    expect(await alerts()).toEqual(['stuffing notice']);
    expect(await waitFor(two, { ...somebody(), address })).toBeGreaterThan(3600);
    expect(await waitFor(two, somebody())).toBe(0);
  });
});

describe('second factors that are guessed at one account', () => {
  it('are told to the operators once', async () => {
    const accountId = newId();
    for (let failures = 1; failures <= 12; failures += 1) noteWrongFactor(one, { accountId, failures });
    await watch();
    noteWrongFactor(two, { accountId, failures: 13 });
    await watch();
    expect(await alerts()).toEqual(['second-factor-guessing notice']);
    expect(campaignNow(one)).toBeUndefined();
  });
});

describe('a stranger during a campaign', () => {
  beforeEach(async () => {
    await burst(44);
    await watch();
  });

  it('waits twenty seconds, comes back as told, and has its turn', async () => {
    const stranger = await meetStranger(one, somebody());
    const first = turnOf(one, stranger, typed(undefined));
    expect(first).toMatchObject({ ok: false, retryAfterSeconds: 20 });
    const ticket = first.ok ? undefined : first.ticket?.secret;
    noteVainTry(one, stranger, { password: 'x', wrong: false });
    clock.forward(12);
    expect(turnOf(two, stranger, typed(ticket))).toEqual({ ok: false, retryAfterSeconds: 8 });
    clock.forward(8);
    expect(turnOf(two, stranger, typed(ticket))).toEqual({ ok: true });
  });

  it('cannot use the ticket for another account, one that it made up, or one from long ago', async () => {
    const [mine, other] = [await meetStranger(one, somebody()), await meetStranger(one, somebody())];
    const first = turnOf(one, mine, typed(undefined));
    const ticket = first.ok ? undefined : first.ticket?.secret;
    clock.forward(20);
    expect(turnOf(one, mine, typed(ticket))).toEqual({ ok: true });
    expect(turnOf(one, other, typed(ticket))).toMatchObject({ ok: false, retryAfterSeconds: 20 });
    expect(turnOf(one, mine, typed(`${ticket?.slice(0, -8)}AAAAAAAA`))).toMatchObject({ ok: false });
    clock.forward(15 * 60);
    await burst(44);
    await watch();
    expect(turnOf(one, mine, typed(ticket))).toMatchObject({ ok: false, retryAfterSeconds: 20 });
  });

  it('waits longer with each account that its network tries, at whichever process', async () => {
    const { address } = somebody();
    const waits = [];
    for (let n = 0; n < 5; n += 1) {
      const platform = n % 2 ? one : two;
      const arrival = { ...somebody(), address };
      waits.push(await waitFor(platform, arrival));
      noteVainTry(platform, await meetStranger(platform, arrival), { password: newId(), wrong: false });
      await watch();
    }
    expect(waits).toEqual([20, 300, 600, 1200, 2400]);
  });

  it('is told to wait longer once where its network goes on meanwhile, and then has its turn', async () => {
    const arrival = somebody();
    const stranger = await meetStranger(one, arrival);
    const first = turnOf(one, stranger, typed(undefined));
    const ticket = first.ok ? undefined : first.ticket?.secret;
    for (let n = 0; n < 3; n += 1) await fail(two, { ...somebody(), address: arrival.address });
    await watch();
    clock.forward(20);
    const second = turnOf(one, await meetStranger(one, arrival), typed(ticket));
    expect(second).toMatchObject({ ok: false, retryAfterSeconds: 1180 });
    for (let n = 0; n < 6; n += 1) await fail(two, { ...somebody(), address: arrival.address });
    await watch();
    clock.forward(1180);
    await burst(44);
    await watch();
    const again = second.ok ? undefined : second.ticket?.secret;
    expect(turnOf(one, await meetStranger(one, arrival), typed(again))).toEqual({ ok: true });
  });

  it('of a network whose people get in does not wait for them', async () => {
    const { address } = somebody();
    for (let n = 0; n < 6; n += 1) {
      const arrival = { ...somebody(), address };
      await fail(one, arrival);
      await watch();
      noteRightPassword(two, await meetStranger(two, arrival));
      await watch();
    }
    expect(await waitFor(one, { ...somebody(), address })).toBe(20);
  });

  it('leaves no address of a person or a network in the database', async () => {
    await fail(one, { subject: 'anna@example.com', address: '192.0.2.7' }, 'violet kettle');
    await watch();
    const { rows } = await one.pool.query(
      `SELECT string_agg(m::text, ' ') || (SELECT string_agg(a::text, ' ') FROM alerts a) AS all FROM signal_members m`,
    );
    expect(rows[0]?.all).not.toMatch(/anna|192\.0\.2|violet/);
  });
});
