import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SignalName } from '../../../src/defense/signals/catalogue.ts';
import { noteSignal } from '../../../src/defense/signals/note.ts';
import type { Subject } from '../../../src/defense/signals/subject.ts';
import { SUSPENSIONS_MODE } from '../../../src/defense/suspensions/mode.ts';
import { suspensionsOf } from '../../../src/defense/suspensions/list.ts';
import { groupsAmong } from '../../../src/developers/watch/relations.ts';
import { runRules } from '../../../src/developers/watch/run-rules.ts';
import { changeSetting } from '../../../src/audit/change-setting.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { newId } from '../../../src/platform/ids.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import { openTestPlatform } from '../../support/platform.ts';
import { newApi, newApp, newPerson, OPERATOR, type App, type Notes } from '../../support/world.ts';

let platform: OpenPlatform;
let clock: MovableClock;
let api: Notes;
let app: App;
beforeEach(async () => {
  clock = clockAt('2026-11-20T12:34:05Z');
  platform = await openTestPlatform({ clock });
  api = await newApi(platform);
  app = await newApp(platform, api, { type: 'machine' });
  clock.forward(8 * 86_400);
});
afterEach(() => platform.close());

const client = (): Subject => ({ kind: 'client', id: app.clientId });

function note(
  signal: SignalName,
  times: number,
  over: { subject?: Subject; member?: (n: number) => string } = {},
) {
  const { subject = client(), member } = over;
  for (let number = 0; number < times; number += 1)
    noteSignal(platform, { signal, subject, member: member?.(number) });
}

async function states(): Promise<string[]> {
  const { suspensions } = await suspensionsOf(platform, { withDryRuns: true });
  return suspensions.map(
    ({ kind, state, rule, dryRun }) => `${kind} ${state} ${rule}${dryRun ? ' dry' : ''}`,
  );
}

async function alerts(): Promise<string[]> {
  return (await platform.db.alert.findMany()).map(({ kind, count }) => `${kind} ×${count}`);
}

describe('rules', () => {
  it('begin to observe a client that misuses its own secret', async () => {
    note('refresh-reuse', 29);
    expect(await runRules(platform)).toBe(0);
    note('refresh-reuse', 1);
    expect(await runRules(platform)).toBe(1);
    expect(await states()).toEqual(['client observe refresh-reused']);
    const { suspensions } = await suspensionsOf(platform, {});
    expect(suspensions[0]?.evidence).toEqual({ signal: 'refresh-reuse', times: 30, minutes: 10 });
  });

  it('do not count twice what was answered: only misuse that goes on climbs the ladder', async () => {
    note('refresh-reuse', 300);
    await runRules(platform);
    clock.forward(120);
    note('refresh-reuse', 1);
    expect(await runRules(platform)).toBe(0);
    note('refresh-reuse', 29);
    expect(await runRules(platform)).toBe(1);
    expect(await states()).toEqual(['client slow refresh-reused']);
    clock.forward(120);
    note('refresh-reuse', 30);
    await runRules(platform);
    expect(await states()).toEqual(['client pause refresh-reused']);
  });

  it('begin anew after an early end only with misuse that came after it', async () => {
    note('scope-refused', 30, { member: (number) => `scope ${number}` });
    await runRules(platform);
    clock.forward(60 * 16);
    note('scope-refused', 1, { member: () => 'one more' });
    expect(await runRules(platform)).toBe(0);
  });

  it('look at the whole of what a client does', async () => {
    note('token-calls', 1000);
    note('refresh-reuse', 100);
    expect(await runRules(platform)).toBe(0);
  });

  it('tell one scope that is asked for all the time from many that are tried', async () => {
    note('scope-refused', 500, { member: () => 'notes:write' });
    expect(await runRules(platform)).toBe(0);
    note('scope-refused', 24, { member: (number) => `scope ${number}` });
    expect(await runRules(platform)).toBe(1);
  });

  it('count what several processes saw, and move once where they judge at the same time', async () => {
    const other = { ...platform, sql: { ...platform.sql } };
    note('refresh-reuse', 20);
    for (let times = 0; times < 20; times += 1)
      noteSignal(other, { signal: 'refresh-reuse', subject: client() });
    await Promise.all([runRules(platform), runRules(other)]);
    note('refresh-reuse', 1);
    noteSignal(other, { signal: 'refresh-reuse', subject: client() });
    await Promise.all([runRules(platform), runRules(other)]);
    expect(await states()).toEqual(['client observe refresh-reused']);
  });

  it('begin with what is smallest: writing at one API', async () => {
    const row = await platform.db.api.findFirst({ where: { clientId: api.clientId } });
    const subject: Subject = { kind: 'access', id: `${app.clientId} ${row?.id}` };
    note('scope-refused', 15, { subject, member: (number) => `scope ${number}` });
    await runRules(platform);
    expect(await states()).toEqual(['access-writes observe scopes-probed-at-api']);
  });

  it('hold a person’s token against its grant, and nothing wider', async () => {
    const person = await newPerson(platform);
    const grant = { id: newId(), accountId: person.id, clientId: app.clientId, endsWithSession: false };
    const times = { createdAt: clock.now(), expiresAt: new Date('2027-01-01') };
    await platform.db.grant.create({ data: { ...grant, ...times, payload: {} } });
    note('refresh-reuse', 5, { subject: { kind: 'grant', id: grant.id } });
    note('refresh-reuse', 20, { subject: { kind: 'account', id: person.id }, member: () => grant.id });
    await runRules(platform);
    expect(await states()).toEqual(['grant observe token-reused']);
  });

  it('pause an account only where the tokens of several apps were misused', async () => {
    const subject: Subject = { kind: 'account', id: (await newPerson(platform)).id };
    for (const signal of ['refresh-reuse', 'code-replay'] as const)
      note(signal, 100, { subject, member: (number) => `app ${number % 2}` });
    await runRules(platform);
    expect(await states()).toEqual([]);
    note('refresh-reuse', 10, { subject, member: (number) => `app ${number % 3}` });
    await runRules(platform);
    expect(await states()).toEqual(['account observe account-tokens-reused']);
  });

  it('suspend nothing for what came from an address, but tell operators', async () => {
    const subject: Subject = { kind: 'network', id: '203.0.113.0/24' };
    note('failed-authentication', 500, { subject, member: () => app.clientId });
    await runRules(platform);
    note('failed-authentication', 500, { subject });
    await runRules(platform);
    clock.forward(61);
    note('failed-authentication', 1, { subject });
    await runRules(platform);
    expect(await states()).toEqual([]);
    expect(await alerts()).toEqual(['secrets-guessed ×2']);
    const [alert] = await platform.db.alert.findMany();
    expect(JSON.stringify(alert)).not.toContain('203.0.113');
  });

  it.each([
    ['code-replay', 'codes-replayed'],
    ['foreign-introspection', 'foreign-introspection'],
    ['unknown-token', 'foreign-introspection'],
  ] as const)('pause no app for what strangers bring to it, such as %s', async (signal, alert) => {
    note(signal, 300, { member: (number) => `token ${number}` });
    await runRules(platform);
    expect([await states(), await alerts()]).toEqual([[], [`${alert} ×1`]]);
  });

  it('never pause an API: operators are told', async () => {
    const row = await platform.db.api.findFirst({ where: { clientId: api.clientId } });
    const subject: Subject = { kind: 'api', id: String(row?.id) };
    note('foreign-introspection', 100, { subject, member: (number) => `token ${number}` });
    await runRules(platform);
    expect([await states(), await alerts()]).toEqual([[], ['foreign-introspection ×1']]);
  });

  it('tell operators of an API that is asked with guessed tokens, and pause nobody for it', async () => {
    const row = await platform.db.api.findFirst({ where: { clientId: api.clientId } });
    const subject: Subject = { kind: 'api', id: String(row?.id) };
    note('introspections', 150, { subject });
    note('unknown-token', 100, { subject, member: (number) => `token ${number}` });
    await runRules(platform);
    expect([await states(), await alerts()]).toEqual([[], ['foreign-introspection ×1']]);
  });

  describe('about whoever tries routes', () => {
    let access: Subject;
    beforeEach(async () => {
      const row = await platform.db.api.findFirst({ where: { clientId: api.clientId } });
      access = { kind: 'access', id: `${app.clientId} ${row?.id}` };
    });

    it('notice an app that tries many scopes it has no access to, within one look', async () => {
      note('route-refused', 8, { subject: access, member: (number) => `scope ${number}` });
      await runRules(platform);
      expect(await states()).toEqual(['access-writes observe routes-probed']);
    });

    it('let an app go on from which somebody took a few scopes, however often it calls', async () => {
      note('route-refused', 5_000, { subject: access, member: (number) => `scope ${number % 7}` });
      await runRules(platform);
      expect(await states()).toEqual([]);
    });

    it('pause no app for addresses that its visitors may have chosen, but tell operators', async () => {
      note('route-unlisted', 500, { subject: access, member: (number) => `/place ${number}` });
      await runRules(platform);
      expect([await states(), await alerts()]).toEqual([[], ['routes-probed ×1']]);
    });

    it('hold twenty places against the grant whose token tried them, and no fewer', async () => {
      const person = await newPerson(platform);
      const grant = { id: newId(), accountId: person.id, clientId: app.clientId, endsWithSession: false };
      const times = { createdAt: clock.now(), expiresAt: new Date('2027-01-01') };
      await platform.db.grant.create({ data: { ...grant, ...times, payload: {} } });
      const subject: Subject = { kind: 'grant', id: grant.id };
      note('route-unlisted', 1_000, { subject, member: (number) => `/place ${number % 17}` });
      note('route-refused', 100, { subject, member: (number) => `scope ${number % 2}` });
      await runRules(platform);
      expect(await states()).toEqual([]);
      note('route-unlisted', 1, { subject, member: () => '/one more' });
      await runRules(platform);
      expect(await states()).toEqual(['grant observe token-probes']);
    });
  });

  it('only say what they would do in a dry run', async () => {
    await changeSetting(platform, OPERATOR, { setting: SUSPENSIONS_MODE, value: 'dry-run' });
    await platform.settings.refresh();
    note('refresh-reuse', 30);
    await runRules(platform);
    expect(await states()).toEqual(['client observe refresh-reused dry']);
  });
});

describe('tokens of many people', () => {
  async function misuse(accounts: readonly string[], networks: number): Promise<void> {
    note('account-misuse', accounts.length, { member: (number) => String(accounts[number]) });
    note('network-misuse', accounts.length, { member: (number) => `10.${number % networks}.0.0/24` });
  }

  async function people(count: number): Promise<string[]> {
    const all: string[] = [];
    for (let number = 0; number < count; number += 1) {
      const id = newId();
      const email = `somebody${id}@example.org`;
      const times = { createdAt: new Date('2026-11-01'), updatedAt: new Date('2026-11-01') };
      await platform.db.account.create({
        data: { id, email, emailKey: email, name: 'Somebody', ...times } as never,
      });
      all.push(id);
    }
    return all;
  }

  it('of twenty unrelated people from five networks say something of the app', async () => {
    await misuse(await people(20), 5);
    expect(await runRules(platform)).toBe(1);
    expect(await states()).toEqual(['client observe misused-by-many']);
  });

  it('of twenty people from four networks say nothing', async () => {
    await misuse(await people(20), 4);
    expect(await runRules(platform)).toBe(0);
  });

  it('of people who belong together are those of one', async () => {
    const all = await people(21);
    const organizationId = api.organizationId;
    const other = await newApi(platform, { identifier: 'https://other.example' });
    for (const accountId of all.slice(0, 3))
      await platform.db.organizationMember.create({
        data: { organizationId: other.organizationId, accountId, role: 'viewer', createdAt: clock.now() },
      });
    await platform.db.organizationMember.create({
      data: { organizationId, accountId: String(all[3]), role: 'viewer', createdAt: clock.now() },
    });
    await misuse(all, 5);
    expect(await runRules(platform)).toBe(0);
    await misuse(await people(2), 5);
    expect(await runRules(platform)).toBe(1);
  });

  it('of newcomers, however many, are those of one', async () => {
    const newcomers = await Promise.all(Array.from({ length: 25 }, () => newPerson(platform)));
    await misuse(
      newcomers.map(({ id }) => id),
      9,
    );
    expect(await runRules(platform)).toBe(0);
    await misuse(await people(19), 9);
    expect(await runRules(platform)).toBe(1);
  });

  it('are grouped by every organization they share', () => {
    expect(groupsAmong([[], [], ['a'], ['a', 'b'], ['b'], ['c']])).toBe(4);
    expect(groupsAmong([])).toBe(0);
  });
});
