import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newPerson } from '../support/world.ts';
import { raiseAlert } from '../../src/defense/alerts.ts';
import { noteRefused } from '../../src/defense/limits/refused-now.ts';
import { startSuspension } from '../../src/defense/suspensions/start.ts';
import { askForSecondPerson } from '../../src/admin/two-person-acts.ts';
import { openCommandLine, type TestCommandLine } from '../support/command-line.ts';
import { ok, operator } from '../support/developers.ts';

let cli: TestCommandLine;
beforeAll(async () => {
  cli = await openCommandLine();
});
afterAll(() => cli.close());

describe('the command line of operators', () => {
  it('makes the first administrator, gives roles and takes them', async () => {
    const [one, two] = [await newPerson(cli.platform), await newPerson(cli.platform)];
    const added = await cli.answerOf(['operator', 'add', one.email, '--role', 'administrator']);
    expect(added).toMatchObject({
      id: one.id,
      role: 'administrator',
      console: expect.stringMatching(/\/admin$/),
    });
    await cli.answerOf(['operator', 'add', two.email, '--role', 'support']);
    await cli.answerOf(['operator', 'role', two.email, '--role', 'security']);
    expect((await cli.answerOf(['operator', 'list'])).operators).toMatchObject([
      { email: one.email, role: 'administrator' },
      { email: two.email, role: 'security' },
    ]);
    await cli.answerOf(['operator', 'remove', two.email]);
    expect((await cli.answerOf(['operator', 'list'])).operators).toHaveLength(1);
  });

  it('suspends and resumes accounts and signs them out', async () => {
    const { id, email } = await newPerson(cli.platform);
    const reason = 'The laptop was stolen.';
    const suspended = await cli.answerOf(['account', 'suspend', email, '--reason', reason, '--hours', '2']);
    expect(suspended).toMatchObject({ id, until: expect.any(String) });
    expect(await cli.answerOf(['account', 'resume', id])).toEqual({ id });
    expect(await cli.answerOf(['account', 'sessions', 'end', email])).toEqual({ id, ended: 0 });
    expect(await cli.answerOf(['account', 'forgive', email])).toEqual({ id });
  });

  it('lists and closes alerts, and finds what happened', async () => {
    await raiseAlert(cli.platform, { kind: 'overload', severity: 'page', evidence: { level: 2 } });
    const { alerts } = (await cli.answerOf(['alert', 'list'])) as { alerts: { id: string }[] };
    const id = String(alerts[0]?.id);
    await cli.answerOf(['alert', 'close', id, '--note', 'Two processes more.']);
    expect((await cli.answerOf(['alert', 'list'])).alerts).toEqual([]);
    const { events } = await cli.answerOf(['event', 'list', '--target', id]);
    expect(events).toMatchObject([
      { action: 'alert.closed', actor: { kind: 'cli' } },
      { action: 'alert.opened' },
    ]);
  });

  it('lists limits and gives budgets back', async () => {
    const { limits } = (await cli.answerOf(['limit', 'list'])) as { limits: { name: string }[] };
    expect(limits.map(({ name }) => name)).toContain('sign-in');
    noteRefused(cli.platform, 'sign-in', '203.0.113.9');
    const reset = ['limit', 'reset', '--limit', 'sign-in', '--subject', '203.0.113.9'];
    expect(await cli.answerOf(reset)).toEqual({ counted: false });
  });

  it('confirms what somebody else asked for', async () => {
    const { id: accountId } = await newPerson(cli.platform);
    const wish = { kind: 'account', ids: { accountId } } as const;
    const { suspension } = ok(await startSuspension(cli.platform, operator, wish));
    const { id } = ok(
      await askForSecondPerson(cli.platform, operator, {
        ...{ act: 'end-suspension', input: { suspension: suspension.id } },
        reason: 'They proved who they are.',
      }),
    );
    expect((await cli.answerOf(['act', 'list'])).acts).toMatchObject([{ id, act: 'end-suspension' }]);
    expect(await cli.answerOf(['act', 'confirm', id])).toEqual({ id, outcome: 'done' });
    expect((await cli.answerOf(['act', 'list'])).acts).toEqual([]);
  });
});
