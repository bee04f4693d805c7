import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerApi } from '../../src/developers/apis/api.ts';
import { hostIsProven } from '../../src/developers/organizations/hosts.ts';
import { newId } from '../../src/platform/ids.ts';
import { ok } from '../support/developers.ts';
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

describe('api', () => {
  it('create answers id, identifier, client ID and secret', async () => {
    const api = await cli.answerOf(
      createApi(cli.organization, 'https://NOTES.example/', '--token-format', 'jwt'),
    );
    expect(api).toEqual({
      id: expect.any(String),
      identifier: 'https://notes.example',
      client_id: expect.stringMatching(/^api_/),
      client_secret: expect.stringMatching(/^gate_secret_/),
    });
    const stored = await cli.platform.db.api.findUniqueOrThrow({
      where: { id: String(api.id) },
      include: { scopes: true },
    });
    expect(stored).toMatchObject({ tokenFormat: 'jwt', scopes: [{}, {}] });
    expect(stored.scopes.map(({ description }) => description).sort()).toEqual([
      'Change your notes, all=1',
      'Read your notes',
    ]);
  });

  it('scope changes a scope and adds one', async () => {
    await cli.answerOf(createApi(cli.organization, 'https://scoped.example'));
    const at = ['api', 'scope', '--api', 'https://scoped.example', '--scope'];
    const changed = await cli.answerOf([
      ...at,
      'notes:write',
      '--kind',
      'admin',
      '--sensitivity',
      'restricted',
      '--optional',
    ]);
    expect(changed).toEqual({
      id: expect.any(String),
      identifier: 'https://scoped.example',
      scope: {
        ...{ name: 'notes:write', description: 'Change your notes, all=1' },
        ...{ kind: 'admin', sensitivity: 'restricted', optional: true },
        ...{ details: '', sentences: {}, deprecated: false, successor: null },
      },
    });
    expect(await cli.answerOf([...at, 'notes:write', '--no-optional'])).toMatchObject({
      scope: { optional: false, kind: 'admin' },
    });
    expect(await cli.answerOf([...at, 'tags:read=Read your tags'])).toMatchObject({
      scope: { name: 'tags:read', kind: 'read' },
    });
    expect((await cli.gatehouse([...at, 'tags:burn'])).code).toBe(1);
    const said = [...at, 'notes:read', '--sentence', 'de=Deine Notizen lesen', '--details', 'GET /notes'];
    expect(await cli.answerOf([...said, '--deprecated', '--successor', 'tags:read'])).toMatchObject({
      scope: {
        ...{ sentences: { de: 'Deine Notizen lesen' }, details: 'GET /notes' },
        ...{ deprecated: true, successor: 'tags:read' },
      },
    });
    expect((await cli.gatehouse([...at, 'notes:read', '--sentence', 'xx=Something'])).code).toBe(1);
    expect((await cli.gatehouse([...at, 'notes:read', '--sentence', 'Something'])).code).toBe(64);
  });

  it('waiting lists what claims an identifier; approve gives it and refuse takes it', async () => {
    const actor = { kind: 'account', id: newId() } as const;
    const claim = { organizationId: cli.organization, identifier: 'https://claimed.example', name: 'Claims' };
    const { api } = ok(await registerApi(cli.platform, actor, { ...claim, trustDomainId: undefined }));
    const waiting = async () =>
      ((await cli.answerOf(['api', 'waiting'])).apis as { id: string }[]).map(({ id }) => id);
    expect(await waiting()).toEqual([api.id]);
    expect(await cli.answerOf(['api', 'approve', '--api', api.clientId])).toEqual({
      id: api.id,
      identifier: 'https://claimed.example',
    });
    expect(await waiting()).toEqual([]);
    const refuse = ['api', 'refuse', '--api', 'https://claimed.example', '--note'];
    expect((await cli.gatehouse([...refuse, ' '])).code).toBe(1);
    expect(await cli.answerOf([...refuse, 'Not yours'])).toEqual({ id: api.id, identifier: null });
    expect((await cli.gatehouse(['api', 'approve', '--api', api.id])).code).toBe(1);
  });
});

describe('organization approve-host', () => {
  it('takes a host as proven, which remove-host ends', async () => {
    const host = ['--host', 'Word.example'];
    expect(await cli.answerOf(['organization', 'approve-host', cli.organization, ...host])).toEqual({
      organization: cli.organization,
      host: 'word.example',
    });
    expect(await hostIsProven(cli.platform, cli.organization, 'api.word.example')).toBe(true);
    expect((await cli.gatehouse(['organization', 'approve-host', newId(), ...host])).code).toBe(1);
    await cli.answerOf(['organization', 'remove-host', cli.organization, '--host', 'word.example']);
    expect(await hostIsProven(cli.platform, cli.organization, 'word.example')).toBe(false);
  });
});

describe('access grant', () => {
  it('answers what was granted, until the end of a day or an instant', async () => {
    await cli.answerOf(createApi(cli.organization, 'https://granted.example'));
    const { client_id } = await cli.answerOf(createClient(cli.organization));
    const grant = ['access', 'grant', '--client', String(client_id), '--api', 'https://granted.example'];
    const both = [...grant, '--scope', 'notes:read', '--scope', 'notes:write'];
    expect(await cli.answerOf([...both, '--until', '2099-12-31'])).toEqual({
      id: expect.any(String),
      client_id,
      identifier: 'https://granted.example',
      scopes: ['notes:read', 'notes:write'],
      until: '2100-01-01T00:00:00.000Z',
    });
    expect(await cli.answerOf([...both, '--until', '2099-12-31T12:00:00+02:00'])).toMatchObject({
      until: '2099-12-31T10:00:00.000Z',
    });
    expect(await cli.answerOf(both)).toMatchObject({ until: null });
    expect((await cli.gatehouse([...both, '--until', '2020-01-01'])).code).toBe(1);
  });

  it('opens an API to personal access tokens of everybody, under the id of their built-in client', async () => {
    await cli.answerOf(createApi(cli.organization, 'https://personal.example'));
    const grant = ['access', 'grant', '--client', 'app_personalaccesstokens'];
    const opened = await cli.answerOf([
      ...grant,
      '--api',
      'https://personal.example',
      '--scope',
      'notes:read',
    ]);
    expect(opened).toMatchObject({ client_id: 'app_personalaccesstokens', scopes: ['notes:read'] });
  });

  it.each([
    'tomorrow',
    '2099-13-01',
    '2099-02-30',
    '2099-12-31T12:00:00',
    '2099-12-31 12:00',
    '31.12.2099',
    '',
    '2099',
  ])('does not take %j for a date', async (until) => {
    const grant = ['access', 'grant', '--client', NOBODY, '--api', 'https://x.example', '--scope', 'a'];
    expect(await cli.gatehouse([...grant, '--until', until])).toMatchObject({ code: 64, stdout: '' });
  });
});
