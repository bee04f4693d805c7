import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { confirmAct } from '../../src/admin/two-person-acts.ts';
import { handleKind } from '../../src/platform/crypto/secrets.ts';
import { suspendClient } from '../../src/developers/clients/suspension.ts';
import { newId } from '../../src/platform/ids.ts';
import { createApi, createClient, openCommandLine, type TestCommandLine } from '../support/command-line.ts';
import { ok } from '../support/developers.ts';
import { anOperator, asOperator } from '../support/operators.ts';

let cli: TestCommandLine;

beforeAll(async () => {
  cli = await openCommandLine();
});
afterAll(() => cli.close());

describe('client', () => {
  it('create answers the client ID, and the secret where there is one', async () => {
    const web = await cli.answerOf(
      createClient(cli.organization, '--auth-method', 'client_secret_post', '--first-party'),
    );
    expect(web).toEqual({ client_id: expect.stringMatching(/^app_/), client_secret: expect.any(String) });
    expect(handleKind(web.client_secret)).toBe('secret');
    const native = [
      ...createClient(cli.organization).map((word) => (word === 'web' ? 'native' : word)),
      '--redirect-uri',
      'com.example.app:/cb',
    ];
    expect(await cli.answerOf(native)).toEqual({ client_id: expect.stringMatching(/^app_/) });
  });

  it('show tells everything but the secret', async () => {
    await cli.answerOf(createApi(cli.organization, 'https://shown.example'));
    const { client_id, client_secret } = await cli.answerOf(
      createClient(
        cli.organization,
        ...['--scope', 'openid', '--scope', 'notes:read', '--resource', 'https://shown.example/'],
        ...['--post-logout-redirect-uri', 'https://app.example.com/bye'],
      ),
    );
    const shown = await cli.answerOf(['client', 'show', '--client', String(client_id)]);
    expect(shown).toEqual({
      client_id,
      organization: cli.organization,
      organization_name: 'Acme',
      name: 'Planner',
      type: 'web',
      auth_method: 'client_secret_basic',
      id_token_algorithm: 'ES256',
      redirect_uris: ['https://app.example.com/callback'],
      post_logout_redirect_uris: ['https://app.example.com/bye'],
      scopes: ['openid', 'notes:read'],
      resources: ['https://shown.example'],
      first_party: false,
      stage: 'live',
      ...{ homepage_uri: null, privacy_uri: null, terms_uri: null },
      ...{ verified_host: null, verified_at: null, sponsored: false },
      created_at: expect.any(String),
      ...{ suspended_at: null, suspended_by: null, suspension: null },
      trust_domain: 'main',
    });
    const { stdout } = await cli.gatehouse(['client', 'show', '--client', String(client_id)]);
    expect(stdout).not.toContain(String(client_secret));
    expect(stdout).not.toContain('gate_secret');
    expect(stdout).toContain('https://app.example.com/bye');
    expect(stdout).toMatch(/Trust domain +main/);
  });

  it('id-tokens changes what they are signed with; a machine gets none', async () => {
    const { client_id } = await cli.answerOf(createClient(cli.organization));
    const change = ['client', 'id-tokens', '--client', String(client_id), '--algorithm', 'RS256'];
    expect(await cli.answerOf(change)).toEqual({ client_id, id_token_algorithm: 'RS256', changed: true });
    expect(await cli.answerOf(change)).toMatchObject({ changed: false });
    const shown = await cli.answerOf(['client', 'show', '--client', String(client_id)]);
    expect(shown.id_token_algorithm).toBe('RS256');
    const machine = ['--organization', cli.organization, '--name', 'Worker', '--type', 'machine'];
    const { client_id: worker } = await cli.answerOf(['client', 'create', ...machine]);
    const refused = await cli.gatehouse([...change.slice(0, 3), String(worker), ...change.slice(4)]);
    expect(refused.stderr).toContain('A machine signs nobody in');
  });

  it('list comes in pages', async () => {
    await cli.answerOf(createClient(cli.organization));
    await cli.answerOf(createClient(cli.organization));
    const page = ['client', 'list', '--organization', cli.organization, '--limit', '1'];
    const first = await cli.answerOf(page);
    expect(first.clients).toHaveLength(1);
    const second = await cli.answerOf([...page, '--after', String(first.next)]);
    expect(second.clients).toHaveLength(1);
    expect(second.clients).not.toEqual(first.clients);
    const all = await cli.answerOf(['client', 'list']);
    expect(all.next).toBeNull();
    expect(await cli.answerOf(['client', 'list', '--after', 'app_zzz'])).toEqual({ clients: [], next: null });
  });

  it('rotate-secret answers a new secret', async () => {
    const { client_id, client_secret } = await cli.answerOf(createClient(cli.organization));
    const rotated = await cli.answerOf(['client', 'rotate-secret', '--client', String(client_id)]);
    expect(rotated).toEqual({
      client_id,
      client_secret: expect.stringMatching(/^gate_secret_/),
      old_until: expect.stringMatching(/Z$/),
    });
    expect(rotated.client_secret).not.toBe(client_secret);
  });

  it('suspend and resume say what they changed', async () => {
    const { client_id } = await cli.answerOf(createClient(cli.organization));
    const at = ['--client', String(client_id)];
    expect(await cli.answerOf(['client', 'suspend', ...at])).toEqual({
      client_id,
      suspended: true,
      changed: true,
    });
    expect(await cli.answerOf(['client', 'suspend', ...at])).toEqual({
      client_id,
      suspended: true,
      changed: false,
    });
    const shown = await cli.answerOf(['client', 'show', ...at]);
    expect(shown).toMatchObject({ suspended_at: expect.any(String), suspension: expect.any(String) });
    const reason = ['--reason', 'The page that looked like a bank is gone.'];
    expect(await cli.answerOf(['client', 'resume', ...at, ...reason])).toMatchObject({ outcome: 'asked' });
  });

  it('resume lets go on what a member stopped', async () => {
    const { client_id } = await cli.answerOf(createClient(cli.organization));
    const at = ['--client', String(client_id)];
    const member = { kind: 'account', id: newId() } as const;
    await suspendClient(cli.platform, member, String(client_id));
    const resumed = { client_id, suspended: false };
    expect(await cli.answerOf(['client', 'resume', ...at])).toEqual({ ...resumed, changed: true });
    expect(await cli.answerOf(['client', 'resume', ...at])).toEqual({ ...resumed, changed: false });
  });

  it('search finds apps by name, client ID and redirect host', async () => {
    const at = ['--redirect-uri', 'https://very-own.example/cb'];
    const { client_id } = await cli.answerOf(createClient(cli.organization, ...at));
    const { clients } = await cli.answerOf(['client', 'search', 'very-own.example']);
    expect(clients).toMatchObject([{ client_id }]);
    expect((await cli.gatehouse(['client', 'search', 'nothing.example'])).stdout).toContain('no apps');
  });

  it('review lists what waits, shows it, and asks a second person who publishes an app', async () => {
    expect(await cli.answerOf(['client', 'review', 'list'])).toEqual({ reviews: [] });
    const { client_id } = await cli.answerOf(createClient(cli.organization));
    const { platform } = cli;
    const id = newId();
    const at = platform.clock.now();
    const host = { organizationId: cli.organization, host: 'acme.example', challenge: 'x', method: 'dns' };
    await platform.db.provenHost.create({ data: { ...host, createdAt: at, provenAt: at } });
    await platform.db.clientReview.create({
      data: {
        ...{ id, clientId: String(client_id), kind: 'publisher', wishes: { host: 'acme.example' } },
        ...{ askedBy: newId(), askedAt: at },
      },
    });
    const { reviews } = await cli.answerOf(['client', 'review', 'list']);
    expect(reviews).toMatchObject([
      { id, kind: 'publisher', client_id, wishes: { host: 'acme.example' }, organization_name: 'Acme' },
    ]);
    const text = (await cli.gatehouse(['client', 'review', 'list'])).stdout;
    expect(text).toContain('host: acme.example');
    const { mark } = await cli.answerOf(['client', 'review', 'show', '--review', id]);
    const approve = ['client', 'review', 'approve', '--review', id, '--mark', String(mark)];
    expect(await cli.gatehouse(approve)).toMatchObject({ code: 1, stderr: expect.stringContaining('why') });
    const reason = ['--reason', 'They answered from their known number.'];
    const asked = await cli.answerOf([...approve, ...reason]);
    expect(asked).toMatchObject({ id, outcome: 'asked', act: expect.any(String) });
    const second = asOperator(await anOperator(platform, 'reviewer'));
    ok(await confirmAct(platform, second, { id: String(asked.act) }));
    const again = await cli.gatehouse(['client', 'review', 'refuse', '--review', id, '--note', 'Too late']);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('decided or withdrawn already') });
    expect((await cli.gatehouse(['client', 'show', '--client', String(client_id)])).stdout).toContain(
      'acme.example',
    );
  });

  it('delete needs the name and ends the app', async () => {
    const { client_id } = await cli.answerOf(createClient(cli.organization));
    const at = ['--client', String(client_id)];
    const wrong = await cli.gatehouse(['client', 'delete', ...at, '--name', 'Another']);
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('not its name') });
    expect(await cli.answerOf(['client', 'delete', ...at, '--name', 'Planner'])).toEqual({
      client_id,
      deleted: true,
    });
    expect((await cli.gatehouse(['client', 'show', ...at])).code).toBe(1);
  });
});
