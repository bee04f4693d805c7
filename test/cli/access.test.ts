import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createApi,
  createClient,
  NOBODY,
  openCommandLine,
  type TestCommandLine,
} from '../support/command-line.ts';

const NOTES = 'https://notes.example';

let cli: TestCommandLine;
let client: string;
let own: string;

beforeAll(async () => {
  cli = await openCommandLine();
  await cli.answerOf(createApi(cli.organization, NOTES));
  own = String((await cli.answerOf(createClient(cli.organization))).client_id);
  const other = ['organization', 'create', '--name', 'Other', '--owner', 'dev@example.com'];
  const { id } = await cli.answerOf(other);
  client = String((await cli.answerOf(createClient(String(id)))).client_id);
});
afterAll(() => cli.close());

const grant = (...more: string[]) =>
  cli.answerOf(['access', 'grant', '--client', client, '--api', NOTES, '--scope', 'notes:read', ...more]);
const list = async (...more: string[]) =>
  (await cli.answerOf(['access', 'list', '--api', NOTES, ...more])).accesses as Record<string, unknown>[];
const explain = (of: string, ...more: string[]) =>
  cli.answerOf(['explain', '--client', of, '--api', NOTES, ...more]);

describe('access', () => {
  it('is granted with limits, listed, changed and ended', async () => {
    const { id } = await grant('--people-per-day', '5', '--requests-per-minute', '60');
    expect(await list()).toMatchObject([
      { id, client_id: client, origin: 'operator', people_per_day: 5, requests_per_minute: 60, until: null },
    ]);
    const until = '2099-01-01T00:00:00.000Z';
    await cli.answerOf(['access', 'change', String(id), '--until', until, '--no-people-per-day']);
    expect(await list()).toMatchObject([{ until, people_per_day: null, requests_per_minute: 60 }]);
    await cli.answerOf(['access', 'change', String(id), '--no-until', '--people-per-day', '7']);
    expect(await list()).toMatchObject([{ until: null, people_per_day: 7 }]);
    expect(await cli.answerOf(['access', 'end', String(id), '--note', 'Enough'])).toEqual({
      ended: [id],
      connections_ended: 0,
    });
    expect(await list()).toEqual([]);
    expect(await list('--ended')).toMatchObject([{ id, ended_at: expect.any(String) }]);
  });

  it.each([
    [['access', 'change', 'x'], 64],
    [['access', 'change', 'x', '--people-per-day', '5'], 1],
    [['access', 'change', 'x', '--people-per-day', '0'], 64],
    [['access', 'end', 'x'], 1],
    [['access', 'list', '--api', 'https://nowhere.example'], 1],
    [['access-code', 'end', 'x'], 1],
    [['access-code', 'list', '--api', 'https://nowhere.example'], 1],
    [
      ['access-code', 'create', '--api', NOTES, '--label', 'x', '--scope', 'burn', '--until', '2026-12-31'],
      1,
    ],
  ])('answers what is wrong in one sentence: %j', async (argv, code) => {
    const outcome = await cli.gatehouse(argv);
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toMatch(/^[A-Z].*\.\n$/);
  });
});

describe('access-code', () => {
  it('is made, listed without itself, and ended', async () => {
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const words = ['--label', 'For the fair', '--scope', 'notes:read', '--until', until, '--uses', '3'];
    const made = await cli.answerOf(['access-code', 'create', '--api', NOTES, ...words]);
    expect(made).toMatchObject({ code: expect.stringMatching(/^gate_accesscode_/), uses: 3, until });
    const listed = await cli.answerOf(['access-code', 'list', '--api', NOTES]);
    expect(listed.codes).toMatchObject([
      { id: made.id, label: 'For the fair', uses_left: 3, ended_at: null },
    ]);
    expect(JSON.stringify(listed)).not.toContain(String(made.code).slice(20, 40));
    await cli.answerOf(['access-code', 'end', String(made.id)]);
    expect((await cli.gatehouse(['access-code', 'end', String(made.id)])).code).toBe(1);
  });
});

describe('explain', () => {
  it('says why not, in the sentence that the app gets', async () => {
    expect(await explain(NOBODY)).toMatchObject({ allowed: false, reason: 'unknown-client' });
    expect(await explain(client)).toMatchObject({
      allowed: false,
      sentence: expect.stringMatching(/no access|ended/),
    });
    expect(await explain(own, '--scope', 'notes:burn')).toMatchObject({
      ...{ allowed: false, reason: 'scope-unknown' },
      sentence: `${NOTES} does not have the scope notes:burn. Check its spelling.`,
    });
    const plain = await cli.gatehouse(['explain', '--client', own, '--api', 'https://nowhere.example']);
    expect(plain).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^No\. No API has this identifier\./),
    });
  });

  it('says why', async () => {
    expect(await explain(own, '--scope', 'notes:read')).toMatchObject({
      ...{ allowed: true, sentence: `Planner may ask for notes:read at ${NOTES}.` },
      facts: [{ about: 'access', sentence: expect.stringContaining('in full') }],
    });
    const { id } = await grant('--people-per-day', '2');
    expect((await explain(client)).facts).toMatchObject([
      { about: 'access', sentence: expect.stringContaining(`Access ${id} (operator) gives notes:read`) },
      { about: 'people', sentence: expect.stringContaining('reached 0 today') },
    ]);
  });

  it('says what stands between an app and a person', async () => {
    const of = (account: string) =>
      explain(own, '--scope', 'openid', '--scope', 'notes:read', '--account', account);
    expect(await of('nobody@example.com')).toMatchObject({ allowed: false, reason: 'account' });
    expect((await of('dev@example.com')).facts).toContainEqual({
      ...{ about: 'consent', fine: null },
      sentence: expect.stringContaining('has not allowed notes:read yet'),
    });
    const { id: accountId } = await cli.platform.db.account.findFirstOrThrow();
    const consent = { id: accountId, accountId, clientId: own, resource: NOTES, scopes: ['notes:read'] };
    await cli.platform.db.consent.create({ data: { ...consent, grantedAt: new Date() } });
    expect(await of(accountId)).toMatchObject({ allowed: true });
    await cli.platform.db.client.update({ where: { id: client }, data: { stage: 'development' } });
    await cli.platform.db.organizationMember.deleteMany({ where: { accountId } });
    expect(await explain(client, '--account', accountId)).toMatchObject({
      ...{ allowed: false, reason: 'account', sentence: expect.stringContaining('in development') },
    });
  });
});
