import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi, createClient, openCommandLine, type TestCommandLine } from '../support/command-line.ts';

let cli: TestCommandLine;

beforeAll(async () => {
  cli = await openCommandLine();
});
afterAll(() => cli.close());

describe('check', () => {
  it('client says what is to be put right, and what an operator made a condition', async () => {
    await cli.answerOf(['settings', 'set', 'checks.required', 'privacy-missing,logo-missing']);
    const { client_id } = await cli.answerOf(createClient(cli.organization));
    const { findings } = await cli.answerOf(['check', 'client', String(client_id)]);
    expect(findings).toContainEqual({
      check: 'privacy-missing',
      kind: 'problem',
      title: 'No privacy policy',
      fix: 'Add the address of your privacy policy.',
      source: 'Gatehouse',
      required_to_go_live: true,
    });
    const { stdout } = await cli.gatehouse(['check', 'client', String(client_id)]);
    expect(stdout).toContain('problem  privacy-missing: No privacy policy\n');
  });

  it('api takes its identifier', async () => {
    await cli.answerOf(createApi(cli.organization, 'https://checked.example'));
    const { stdout } = await cli.gatehouse(['check', 'api', 'https://checked.example']);
    expect(stdout).toContain('advice  reference-missing: No reference\n');
  });

  it('list names every check once, and what is not there is said', async () => {
    const { stdout } = await cli.gatehouse(['check', 'list']);
    expect(stdout).toMatch(/^ABOUT +CHECK +KIND +RULE/);
    const refused = await cli.gatehouse(['check', 'client', 'app_aaaaaaaaaaaaaaaaaaaa']);
    expect(refused.stderr).toBe('No app has this client ID.\n');
  });
});
