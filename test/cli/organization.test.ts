import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCommandLine, PASSWORD, type TestCommandLine } from '../support/command-line.ts';

let cli: TestCommandLine;
beforeAll(async () => {
  cli = await openCommandLine();
  for (const name of ['ann', 'ben']) {
    const person = ['--email', `${name}@example.com`, '--name', name, '--password-stdin'];
    await cli.answerOf(['account', 'create', ...person], PASSWORD);
  }
});
afterAll(() => cli.close());

const ANN = ['--member', 'Ann@Example.com'];

async function rolesOf(): Promise<Record<string, string>> {
  const { members } = await cli.answerOf(['organization', 'show', cli.organization]);
  return Object.fromEntries(
    (members as { email: string; role: string }[]).map(({ email, role }) => [email, role]),
  );
}

describe('the group organization', () => {
  it('lists organizations with how many people they have', async () => {
    const { organizations, next } = await cli.answerOf(['organization', 'list']);
    expect(organizations).toMatchObject([{ id: cli.organization, name: 'Acme', members: 1 }]);
    expect(next).toBeNull();
    const { stdout } = await cli.gatehouse(['organization', 'list']);
    expect(stdout).toContain('Acme');
  });

  it('finds organizations by name, ID and the whole address of a member', async () => {
    for (const wish of ['acm', cli.organization, 'Dev@example.com']) {
      const { organizations } = await cli.answerOf(['organization', 'search', wish]);
      expect(organizations, wish).toMatchObject([{ id: cli.organization, name: 'Acme', apps: 0 }]);
    }
    expect(await cli.answerOf(['organization', 'search', '@example.com'])).toMatchObject({
      organizations: [],
    });
  });

  it('suspends an organization until a moment that one person may bring forward, or until two end it', async () => {
    const suspend = [
      'organization',
      'suspend',
      cli.organization,
      '--reason',
      'Its apps lie about their name.',
    ];
    const resume = ['organization', 'resume', cli.organization];
    expect(await cli.answerOf([...suspend, '--for', 'hour'])).toMatchObject({
      ...{ organization: cli.organization, until: expect.any(String), changed: true },
    });
    expect(await cli.answerOf(resume)).toMatchObject({ outcome: 'ended' });
    expect(await cli.gatehouse(resume)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is not suspended'),
    });
    expect(await cli.answerOf(suspend)).toMatchObject({ until: null });
    expect((await cli.gatehouse(resume)).code).toBe(1);
    const asked = await cli.answerOf([...resume, '--reason', 'They chose other names.']);
    expect(asked).toMatchObject({ outcome: 'asked', act: expect.any(String), due_at: expect.any(String) });
    expect((await cli.gatehouse(['organization', 'suspend', 'x', '--reason', 'Why'])).code).toBe(1);
    expect((await cli.gatehouse(['organization', 'resume', 'x'])).code).toBe(1);
  });

  it('adds, changes and removes members, as an operator', async () => {
    await cli.answerOf(['organization', 'add-member', cli.organization, ...ANN, '--role', 'viewer']);
    expect(await rolesOf()).toEqual({ 'dev@example.com': 'owner', 'ann@example.com': 'viewer' });
    await cli.answerOf(['organization', 'set-role', cli.organization, ...ANN, '--role', 'owner']);
    expect((await rolesOf())['ann@example.com']).toBe('owner');
    await cli.answerOf(['organization', 'remove-member', cli.organization, ...ANN]);
    expect(await rolesOf()).toEqual({ 'dev@example.com': 'owner' });
    const events = await cli.platform.db.auditEvent.findMany({
      where: { targetId: cli.organization, action: { startsWith: 'member.' } },
      orderBy: { id: 'asc' },
    });
    expect(events.map(({ action, actorKind }) => `${actorKind} ${action}`)).toEqual([
      'cli member.added',
      'cli member.role-changed',
      'cli member.removed',
    ]);
  });

  it.each([
    [['add-member', 'x', ...ANN, '--role', 'viewer'], 'No organization has this ID.', 1],
    [['add-member', '', '--member', 'nobody@example.com', '--role', 'viewer'], 'Nobody has an account', 1],
    [['add-member', '', '--member', 'dev@example.com', '--role', 'viewer'], 'is a member already', 1],
    [['set-role', '', ...ANN, '--role', 'viewer'], 'is a member any more', 1],
    [['set-role', '', '--member', 'dev@example.com', '--role', 'viewer'], 'at least one owner', 1],
    [['remove-member', '', '--member', 'dev@example.com'], 'at least one owner', 1],
    [['set-role', '', ...ANN, '--role', 'king'], 'Allowed choices', 64],
    [['show', '00000000-0000-0000-0000-000000000000'], 'No organization has this ID', 1],
  ])('says in one sentence why not: %j', async (words, sentence, exitCode) => {
    const named = words.map((word) => (word === '' ? cli.organization : word));
    const { code, stderr, stdout } = await cli.gatehouse(['organization', ...named]);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
    expect(stderr).toContain(sentence);
  });
});
