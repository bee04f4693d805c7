import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createApi,
  createClient,
  openCommandLine,
  PASSWORD,
  type TestCommandLine,
} from '../support/command-line.ts';

let cli: TestCommandLine;

beforeAll(async () => {
  cli = await openCommandLine();
});
afterAll(() => cli.close());

describe('domain', () => {
  it('create, change, show and list speak of one domain', async () => {
    const made = await cli.answerOf([
      ...['domain', 'create', '--name', 'employees', '--title', 'Example staff'],
      ...['--mail-domains', 'staff.example,staff.test', '--idle-minutes', '30'],
    ]);
    const rules = {
      name: 'employees',
      title: 'Example staff',
      mailDomains: ['staff.example', 'staff.test'],
      secondFactor: null,
      sessionIdleMinutes: 30,
      sessionHours: null,
    };
    expect(made).toMatchObject(rules);
    const changed = { ...rules, mailDomains: [], secondFactor: 'everybody', sessionIdleMinutes: null };
    const change = ['--mail-domains', 'none', '--second-factor', 'everybody', '--idle-minutes', 'none'];
    expect(await cli.answerOf(['domain', 'change', 'employees', ...change])).toMatchObject(changed);
    expect(await cli.answerOf(['domain', 'show', 'employees'])).toMatchObject(changed);
    const { domains } = await cli.answerOf(['domain', 'list']);
    expect((domains as unknown as { name: string }[]).map(({ name }) => name)).toEqual(['main', 'employees']);
  });

  it('add-account and remove-account move a person, once', async () => {
    const person = ['--email', 'ann@example.com'];
    await cli.answerOf(
      ['account', 'create', ...person, '--name', 'Ann', '--password-stdin'],
      `${PASSWORD}\n`,
    );
    expect(await cli.answerOf(['domain', 'add-account', 'employees', ...person])).toMatchObject({
      changed: true,
    });
    expect(await cli.answerOf(['domain', 'add-account', 'employees', ...person])).toMatchObject({
      changed: false,
    });
    expect(await cli.answerOf(['domain', 'remove-account', 'main', ...person])).toMatchObject({
      changed: true,
    });
    const last = await cli.gatehouse(['domain', 'remove-account', 'employees', ...person]);
    expect([last.code, last.stderr]).toEqual([1, expect.stringContaining('at least one trust domain')]);
  });

  it('an invitation may name the domain', async () => {
    const invite = ['account', 'invite', '--email', 'bob@example.com', '--domain'];
    expect(await cli.answerOf([...invite, 'employees'])).toMatchObject({ email: 'bob@example.com' });
    expect((await cli.gatehouse([...invite, 'nowhere'])).stderr).toContain('no trust domain named "nowhere"');
  });

  it('apps and APIs move by their own groups', async () => {
    const { identifier, client_id: apiClient } = await cli.answerOf(
      createApi(cli.organization, 'https://a.example'),
    );
    const { client_id: app } = await cli.answerOf(createClient(cli.organization));
    const move = (what: string, ...named: string[]) =>
      cli.gatehouse([what, 'move', ...named, '--domain', 'employees', '--json']);
    const moved = { domain: 'employees', changed: true };
    expect(JSON.parse((await move('client', '--client', String(app))).stdout)).toMatchObject(moved);
    expect(JSON.parse((await move('api', '--api', String(identifier))).stdout)).toMatchObject(moved);
    expect((await move('client', '--client', String(apiClient))).code).toBe(1);
    expect((await move('api', '--api', 'https://b.example')).code).toBe(1);
  });

  it.each([
    [['domain', 'change', 'employees'], 64],
    [['domain', 'change', 'employees', '--hours', 'many'], 64],
    [['domain', 'change', 'employees', '--second-factor', 'maybe'], 64],
    [['domain', 'change', 'employees', '--hours', '0'], 1],
    [['domain', 'change', 'nowhere', '--hours', '5'], 1],
    [['domain', 'show', 'nowhere'], 1],
  ])('%j ends with %i', async (argv, code) => {
    expect((await cli.gatehouse(argv)).code).toBe(code);
  });
});
