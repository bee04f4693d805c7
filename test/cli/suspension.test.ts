import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAppeal } from '../../src/defense/suspensions/appeals.ts';
import { newId } from '../../src/platform/ids.ts';
import { createClient, openCommandLine, type TestCommandLine } from '../support/command-line.ts';
import { ok } from '../support/developers.ts';

let cli: TestCommandLine;
beforeAll(async () => {
  cli = await openCommandLine();
});
afterAll(() => cli.close());

const NOTE = ['--note', 'It copies the look of a bank.'];

async function started(...more: string[]): Promise<{ id: string; client: string }> {
  const { client_id } = await cli.answerOf(createClient(cli.organization));
  const start = ['suspension', 'start', '--kind', 'client', '--client', String(client_id), ...NOTE, ...more];
  const { suspension, changed } = await cli.answerOf(start);
  expect(changed).toBe(true);
  return { id: String(suspension), client: String(client_id) };
}

describe('suspension', () => {
  it('start, list and show tell what is in force, and why', async () => {
    const { id, client } = await started('--for', 'hour');
    const listed = await cli.answerOf(['suspension', 'list', '--client', client]);
    expect(listed.suspensions).toMatchObject([{ id, kind: 'client', state: 'pause', share: 0 }]);
    const shown = await cli.answerOf(['suspension', 'show', id]);
    expect(shown).toMatchObject({ id, client_id: client, rule: 'operator', note: NOTE[1], appeal: null });
    const { stdout } = await cli.gatehouse(['suspension', 'show', id]);
    expect(stdout).toContain('It copies the look of a bank.');
  });

  it('end does it alone where it has an end, and asks a second person where it waits for a human', async () => {
    const brief = await started('--for', 'day');
    expect(await cli.answerOf(['suspension', 'end', brief.id])).toEqual({
      suspension: brief.id,
      outcome: 'ended',
    });
    const open = await started();
    const reason = ['--reason', 'The page that looked like a bank is gone.'];
    expect(await cli.answerOf(['suspension', 'end', open.id, ...reason])).toMatchObject({
      outcome: 'asked',
      due_at: expect.any(String),
    });
    const waiting = await cli.answerOf(['suspension', 'list', '--view', 'waiting']);
    expect(waiting.suspensions).toMatchObject([{ id: open.id, state: 'human', until: null }]);
    const ended = await cli.answerOf(['suspension', 'list', '--view', 'ended']);
    expect(ended.suspensions).toMatchObject([{ id: brief.id, state: 'ended', ended_by: 'operator' }]);
  });

  it('blocks a network, and nothing wider than makes sense', async () => {
    const start = ['suspension', 'start', '--kind', 'network', ...NOTE, '--network'];
    expect(await cli.answerOf([...start, '203.0.113.0/24'])).toMatchObject({ changed: true });
    expect(await cli.gatehouse([...start, '0.0.0.0/0'])).toMatchObject({ code: 1 });
  });

  it.each([['show'], ['end']])('%s of an unknown one fails', async (verb) => {
    expect(await cli.gatehouse(['suspension', verb, newId()])).toMatchObject({ code: 1 });
    expect(await cli.gatehouse(['suspension', verb, 'nonsense'])).toMatchObject({ code: 1 });
  });
});

describe('appeal', () => {
  it('list, show and decide', async () => {
    const { id: suspensionId } = await started('--for', 'week');
    const actor = { kind: 'account', id: newId() } as const;
    const text = 'We took the page down and changed our secret.';
    const made = { suspensionId, accountId: actor.id, text };
    const { appeal } = ok(await makeAppeal(cli.platform, actor, made));
    const listed = await cli.answerOf(['appeal', 'list']);
    expect(listed.appeals).toMatchObject([{ id: appeal.id, suspension: suspensionId }]);
    expect((await cli.gatehouse(['appeal', 'show', appeal.id])).stdout).toContain(text);
    const decide = ['appeal', 'decide', appeal.id, '--outcome'];
    expect(await cli.gatehouse([...decide, 'refused'])).toMatchObject({ code: 1 });
    expect(await cli.answerOf([...decide, 'granted'])).toEqual({ id: appeal.id, outcome: 'granted' });
    expect(await cli.gatehouse([...decide, 'granted'])).toMatchObject({ code: 1 });
    const shown = await cli.answerOf(['suspension', 'show', suspensionId]);
    expect(shown).toMatchObject({ state: 'ended', ended_by: 'appeal' });
  });
});
