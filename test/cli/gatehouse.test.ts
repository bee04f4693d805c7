import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createApi,
  createClient,
  NOBODY,
  openCommandLine,
  type TestCommandLine,
} from '../support/command-line.ts';

let cli: TestCommandLine;

beforeAll(async () => {
  cli = await openCommandLine();
});
afterAll(() => cli.close());

describe('keys', () => {
  it('list and rotate show the published keys without their private parts', async () => {
    const before = (await cli.answerOf(['keys', 'list'])).keys as Record<string, unknown>[];
    const after = (await cli.answerOf(['keys', 'rotate'])).keys as Record<string, unknown>[];
    const kidsOf = (keys: Record<string, unknown>[], state: string) =>
      keys
        .filter((key) => key.state === state)
        .map(({ kid }) => kid)
        .sort();
    expect(kidsOf(after, 'active')).toEqual(kidsOf(before, 'next'));
    expect(kidsOf(after, 'retired')).toEqual(kidsOf(before, 'active'));
    for (const key of after) {
      expect(Object.keys(key)).toEqual(['kid', 'alg', 'state', 'created_at', 'promoted_at', 'retired_at']);
    }
    expect((await cli.gatehouse(['keys', 'list'])).stdout).toMatch(/^KEY ID +ALGORITHM +STATE +MADE\n/);
  });
});

describe('what people read', () => {
  it('is short, aligned, marks secrets and says what to do next', async () => {
    const { code, stdout, stderr } = await cli.gatehouse(createClient(cli.organization, '--scope', 'openid'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('Registered the app Planner.');
    expect(lines[1]).toMatch(/^ {2}Client ID {9}app_[a-z2-9]{20}$/);
    expect(lines[2]).toMatch(/^ {2}Client secret {5}gate_secret_\S+ {2}\(shown once, keep it now\)$/);
    expect(lines.at(-1)).toMatch(/^Next: /);
    expect(lines.length).toBeLessThan(20);
  });

  it('of a list is a table', async () => {
    await cli.answerOf(createClient(cli.organization));
    await cli.answerOf(createClient(cli.organization));
    const { stdout } = await cli.gatehouse(['client', 'list', '--limit', '1']);
    expect(stdout).toMatch(
      /^CLIENT ID +TYPE +STATE +NAME\napp_\S+ +\w+ +live +Planner \(Acme\)\nMore: client list --after app_\w+\n$/,
    );
  });

  it('of an app or API without a match is one sentence', async () => {
    const api = await cli.gatehouse(['api', 'scope', '--api', 'https://nowhere.example', '--scope', 'a=A']);
    expect(api).toEqual({ code: 1, stdout: '', stderr: 'No API has this identifier.\n' });
    const client = await cli.gatehouse(['client', 'show', '--client', NOBODY]);
    expect(client).toEqual({ code: 1, stdout: '', stderr: 'No app has this client ID.\n' });
  });
});

describe('a refusal', () => {
  const refused = (): [string, string[]][] => [
    ['an unknown owner', ['organization', 'create', '--name', 'X', '--owner', 'nobody@example.com']],
    ['an unknown organization', ['client', 'list', '--organization', 'nowhere']],
    ['an organization that is no id', createClient(cli.organization).with(3, 'nowhere')],
    ['a redirect URI', createClient(cli.organization, '--redirect-uri', 'javascript:alert(1)')],
    ['an unknown scope', createClient(cli.organization, '--scope', 'nothing:read')],
    ['an unknown API', createClient(cli.organization, '--resource', 'https://nowhere.example')],
    ['an authentication method', createClient(cli.organization, '--auth-method', 'tls_client_auth')],
    ['an identifier', createApi(cli.organization, 'notes')],
    ['an unknown client', ['client', 'suspend', '--client', NOBODY]],
    ['an unknown client to rotate', ['client', 'rotate-secret', '--client', NOBODY]],
    [
      'an unknown client for access',
      ['access', 'grant', '--client', NOBODY, '--api', 'https://notes.example', '--scope', 'notes:read'],
    ],
  ];
  it('is exit code 1 and one sentence on standard error', async () => {
    for (const [what, argv] of refused()) {
      const outcome = await cli.gatehouse([...argv, '--json']);
      expect(outcome, what).toMatchObject({ code: 1, stdout: '' });
      expect(outcome.stderr, what).toMatch(/^.{10,300}\.\n$/);
    }
  });
});

describe('a usage error', () => {
  it.each([
    [['nonsense']],
    [['client', 'nonsense']],
    [['client', 'create']],
    [['client', 'create', '--organization', 'x', '--name', 'x', '--type', 'desktop']],
    [['client', 'show']],
    [['client', 'show', '--client']],
    [['client', 'show', '--client', NOBODY, 'more']],
    [['client', 'show', '--client', NOBODY, '--secret']],
    [['client', 'list', '--limit', '0']],
    [['client', 'list', '--limit', '501']],
    [['client', 'list', '--limit', 'many']],
    [['account', 'create', '--email', 'a@example.com', '--name', 'A']],
    [['organization', 'create', '--name', 'A']],
    [['api', 'create', '--organization', 'x', '--identifier', 'x', '--name', 'x', '--scope', 'notes:read']],
    [['api', 'create', '--organization', 'x', '--identifier', 'x', '--name', 'x', '--scope', '=Read']],
    [
      [
        'api',
        'create',
        '--organization',
        'x',
        '--identifier',
        'x',
        '--name',
        'x',
        '--token-format',
        'paseto',
      ],
    ],
    [['api', 'scope', '--api', 'x', '--scope', 'a', '--kind', 'execute']],
    [['api', 'scope', '--api', 'x', '--scope', 'a', '--sensitivity', 'secret']],
    [['access', 'grant', '--client', NOBODY, '--api', 'x']],
    [['keys', 'list', '--all']],
  ])('is exit code 64 and one sentence on standard error: %j', async (argv) => {
    const outcome = await cli.gatehouse([...argv, '--json']);
    expect(outcome).toMatchObject({ code: 64, stdout: '' });
    expect(outcome.stderr).toMatch(/^[A-Z].+\.\n$/);
  });
});
