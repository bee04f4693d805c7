import { userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitingLetters } from '../../src/platform/mail/outbox.ts';
import { openCommandLine, PASSWORD, type TestCommandLine } from '../support/command-line.ts';

let cli: TestCommandLine;

beforeAll(async () => {
  cli = await openCommandLine();
});
afterAll(() => cli.close());

describe('account show', () => {
  it('answers what the console shows, by the address or the id', async () => {
    const argv = [
      'account',
      'create',
      '--email',
      'shown@example.com',
      '--name',
      'Shown',
      '--password-stdin',
      '--totp',
    ];
    const { id } = await cli.answerOf(argv, PASSWORD);
    const shown = await cli.answerOf(['account', 'show', 'SHOWN@example.com']);
    expect(shown).toMatchObject({
      ...{ id, email: 'shown@example.com', email_verified: false, operator_role: null, suspensions: [] },
      sign_in: { authenticators: 1, passkeys: 0 },
    });
    const { stdout } = await cli.gatehouse(['account', 'show', String(id)]);
    expect(stdout).toContain('shown@example.com (not proven)');
    expect((await cli.gatehouse(['account', 'show', 'nobody@example.com'])).code).toBe(1);
  });
});

describe('account create', () => {
  const create = (email: string, ...more: string[]) => [
    ...['account', 'create', '--email', email, '--name', 'Ann', '--password-stdin', ...more],
  ];

  it('answers the id, and with --totp the otpauth URI once', async () => {
    const plain = await cli.answerOf(create('ann@example.com'), `${PASSWORD}\n`);
    expect(plain).toEqual({ id: expect.any(String) });
    const full = await cli.answerOf(
      create('op@example.com', '--verified', '--operator', '--totp'),
      `${PASSWORD}\r\nmore\n`,
    );
    expect(full).toEqual({
      id: expect.any(String),
      otpauth_uri: expect.stringMatching(/^otpauth:\/\/totp\//),
    });
    const accounts = await cli.platform.db.account.findMany({
      where: { id: { in: [String(plain.id), String(full.id)] } },
    });
    const facts = accounts.map(({ email, operator, emailVerifiedAt }) => [
      email,
      operator,
      emailVerifiedAt !== null,
    ]);
    expect(facts.sort()).toEqual([
      ['ann@example.com', false, false],
      ['op@example.com', true, true],
    ]);
  });

  it('is recorded as the operating-system user', async () => {
    const { id } = await cli.answerOf(create('audited@example.com'), PASSWORD);
    const events = await cli.platform.db.auditEvent.findMany({ where: { targetId: String(id) } });
    expect(events).toMatchObject([
      { action: 'account.created', actorKind: 'cli', actorId: userInfo().username },
    ]);
  });

  it('never repeats the password', async () => {
    for (const [email, password] of [
      ['quiet@example.com', PASSWORD],
      ['quiet@example.com', PASSWORD],
      ['bad', 'hunter2'],
    ] as const) {
      const { stdout, stderr } = await cli.gatehouse(create(email), password);
      expect(stdout + stderr).not.toContain(password);
    }
  });

  it.each([
    ['an address that is taken', 'dev@example.com', PASSWORD, 1],
    ['no address', 'nonsense', PASSWORD, 1],
    ['a weak password', 'weak@example.com', 'abc', 1],
    ['no password', 'weak@example.com', '', 64],
    ['an empty first line', 'weak@example.com', `\n${PASSWORD}`, 64],
    ['an endless line', 'weak@example.com', 'x'.repeat(100_000), 64],
  ])('refuses %s', async (_, email, password, code) => {
    const outcome = await cli.gatehouse([...create(email), '--json'], password);
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toMatch(/^[A-Z].+\.\n$/);
  });
});

describe('account invite', () => {
  it('answers a link once, and sends it too', async () => {
    const invited = await cli.answerOf(['account', 'invite', '--email', 'Guest@Example.com']);
    expect(invited).toEqual({
      email: 'Guest@example.com',
      link: expect.stringMatching(/\/sign-up\?pass=gate_pass_/),
    });
    const [letter] = await waitingLetters(cli.platform);
    expect(letter?.text).toContain(String(invited.link));
    const stored = JSON.stringify(await cli.platform.db.signUpPass.findMany());
    expect(stored).not.toContain('gate_pass_');
  });

  it('refuses what is no address', async () => {
    const outcome = await cli.gatehouse(['account', 'invite', '--email', 'nonsense']);
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
  });
});
