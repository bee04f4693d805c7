import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aPublicKey, aSigningKey } from '../support/assertions.ts';
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

interface ListedSecret {
  readonly id: string;
  readonly label: string;
  readonly expires_at: string | null;
  readonly replaced_at: string | null;
}

async function anApp(): Promise<string> {
  return String((await cli.answerOf(createClient(cli.organization))).client_id);
}

async function secretsOf(client: string): Promise<ListedSecret[]> {
  return (await cli.answerOf(['client', 'secret', 'list', '--client', client])).secrets as ListedSecret[];
}

describe('client secret', () => {
  it('issue, list and end manage several secrets', async () => {
    const client = await anApp();
    const issue = ['client', 'secret', 'issue', '--client', client, '--label', 'Backup', '--days', '30'];
    const issued = await cli.answerOf(issue);
    expect(issued.client_secret).toMatch(/^gate_secret_/);
    const [backup, first] = await secretsOf(client);
    expect([backup?.label, first?.label]).toEqual(['Backup', 'First secret']);
    expect([backup?.expires_at, first?.expires_at]).toEqual([issued.expires_at, null]);
    expect(JSON.stringify(await secretsOf(client))).not.toContain(issued.client_secret);
    await cli.answerOf(['client', 'secret', 'end', '--client', client, '--secret', String(first?.id)]);
    const ended = (await secretsOf(client)).find(({ id }) => id === first?.id);
    expect(new Date(String(ended?.expires_at)).getTime()).toBeLessThanOrEqual(Date.now());
  });

  it('rotate-secret leaves the old one as long as it was told', async () => {
    const client = await anApp();
    const rotate = ['client', 'rotate-secret', '--client', client, '--overlap', '7d'];
    const rotated = await cli.answerOf(rotate);
    const days = (new Date(String(rotated.old_until)).getTime() - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.9);
    const [fresh, old] = await secretsOf(client);
    expect([fresh?.replaced_at, old?.expires_at]).toEqual([null, rotated.old_until]);
  });

  it('serves APIs by their client ID', async () => {
    const api = await cli.answerOf(createApi(cli.organization, 'https://several.example'));
    const client = String(api.client_id);
    await cli.answerOf(['client', 'secret', 'issue', '--client', client, '--label', 'Gateway']);
    expect(await secretsOf(client)).toHaveLength(2);
  });

  it.each([
    ['an unknown app', ['client', 'secret', 'list', '--client', NOBODY]],
    ['an app to issue for', ['client', 'secret', 'issue', '--client', NOBODY, '--label', 'X']],
    ['an app to end for', ['client', 'secret', 'end', '--client', NOBODY, '--secret', 'x']],
    ['an app of keys', ['client', 'key', 'list', '--client', NOBODY]],
  ])('says that there is no such thing: %s', async (_what, command) => {
    const { code, stderr } = await cli.gatehouse(command);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/client ID\.\n$/)]);
  });
});

describe('client key', () => {
  it('add, list and end manage public keys', async () => {
    const client = await anApp();
    const add = ['client', 'key', 'add', '--client', client, '--label', 'Server', '--jwk'];
    const added = await cli.answerOf([...add, JSON.stringify(aPublicKey())]);
    const list = async () => (await cli.answerOf(['client', 'key', 'list', '--client', client])).keys;
    const [key] = (await list()) as { id: string; thumbprint: string }[];
    expect(added.added).toEqual([{ kid: key?.thumbprint, thumbprint: key?.thumbprint }]);
    const method = ['client', 'auth-method', '--client', client, '--method', 'private_key_jwt'];
    expect(await cli.answerOf(method)).toMatchObject({ auth_method: 'private_key_jwt', changed: true });
    expect(await cli.answerOf(method)).toMatchObject({ changed: false });
    const lost = aSigningKey().privateKey.export({ format: 'jwk' });
    const { code, stdout, stderr } = await cli.gatehouse([...add, JSON.stringify(lost)]);
    expect([code, `${stdout}${stderr}`.includes(String(lost.d))]).toEqual([1, false]);
    await cli.answerOf(['client', 'key', 'end', '--client', client, '--key', String(key?.id)]);
    expect(await list()).toEqual([]);
  });
});
