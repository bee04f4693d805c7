import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../src/main.ts';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import { introspect, postAs, type RelyingParty, relyingParty } from '../support/relying-party.ts';
import { startTestServer } from '../support/server.ts';
import { Visitor } from '../support/visitor.ts';
import { type App, codeOf, type Notes, newApi, newApp, newPerson, signIn } from '../support/world.ts';

interface Counted {
  /** BEGIN and its like: a request of the protocol opens no transaction, so each write is one commit. */
  readonly transactions: number;
  readonly reads: number;
  readonly writes: number;
}

/** What the jobs of every few seconds read and write. */
const OF_JOBS =
  /letters|signing_keys|grants_held|settings|pictures|audit_deliveries|request_log|usage_(?:hours|people)|WITH held/;

/** Every statement that reaches the database through the pool while `work` runs; jobs are told by their text. */
async function counting({ pool, sql }: OpenPlatform, work: () => Promise<unknown>): Promise<Counted> {
  const texts: string[] = [];
  const { run } = sql;
  // Reads of the hot path have a connection of their own beside the pool.
  sql.run = (statement, values) => {
    if (statement.reads) texts.push(statement.text);
    return run(statement, values);
  };
  const watch = (client: pg.PoolClient) => {
    const { query } = client;
    // biome-ignore lint/suspicious/noExplicitAny: the driver's query has a dozen overloads and all pass through here
    (client as any).query = function counted(this: pg.PoolClient, ...args: unknown[]) {
      const [first] = args as [string | { text: string }];
      texts.push(typeof first === 'string' ? first : first.text);
      return (query as (...all: unknown[]) => unknown).apply(this, args);
    };
    return () => {
      client.query = query;
    };
  };
  const held = await Promise.all(Array.from({ length: pool.options.max ?? 10 }, () => pool.connect()));
  const undo = held.map(watch);
  for (const client of held) client.release();
  await work();
  for (const restore of undo) restore();
  sql.run = run;
  const ofRequests = texts.filter((text) => !OF_JOBS.test(text));
  const isTransaction = (text: string) => /^(BEGIN|COMMIT|ROLLBACK|START TRANSACTION)/.test(text);
  const isWrite = (text: string) => /\b(INSERT|UPDATE|DELETE)\b/.test(text);
  return {
    transactions: ofRequests.filter(isTransaction).length,
    reads: ofRequests.filter((text) => !isWrite(text) && !isTransaction(text)).length,
    writes: ofRequests.filter(isWrite).length,
  };
}

describe('statements of a request', () => {
  let server: RunningServer;
  let api: Notes;
  let machine: App;
  let web: App;
  let party: RelyingParty;
  let visitor: Visitor;
  beforeAll(async () => {
    server = await startTestServer();
    api = await newApi(server.platform);
    machine = await newApp(server.platform, api, { type: 'machine', scopes: ['notes:read'] });
    web = await newApp(server.platform, api, { firstParty: true });
    party = await relyingParty(server.url, web);
    visitor = new Visitor(server.url);
    await signIn(visitor, await newPerson(server.platform));
  });
  afterAll(() => server.stop());

  /** Longer than a client may be kept without reading it again: every request here starts cold. */
  const forgetClients = () => new Promise((resolve) => setTimeout(resolve, 600));

  async function newTokens() {
    const request = await party.request({ scope: 'openid notes:read offline_access' });
    return party.redeem(request, await visitor.open(request.url));
  }

  it('client credentials write once', async () => {
    await forgetClients();
    const counted = await counting(server.platform, () =>
      postAs(server.url, '/token', machine, { grant_type: 'client_credentials' }),
    );
    expect(counted).toEqual({ transactions: 0, reads: 2, writes: 1 });
  });

  it('introspection of a user’s token reads at most three times and writes nothing', async () => {
    const { access_token: token } = await newTokens();
    await forgetClients();
    const counted = await counting(server.platform, async () => {
      expect(await introspect(server.url, api, token)).toMatchObject({ active: true });
    });
    expect(counted.reads).toBeLessThanOrEqual(3);
    expect(counted).toMatchObject({ transactions: 0, writes: 0 });
  });

  it('a code exchange writes once', async () => {
    const request = await party.request({ scope: 'openid notes:read offline_access' });
    const callback = await visitor.open(request.url);
    await forgetClients();
    const counted = await counting(server.platform, () => party.redeem(request, callback));
    expect(counted).toEqual({ transactions: 0, reads: 4, writes: 1 });
  });

  it('a refresh writes once', async () => {
    const { refresh_token: token } = await newTokens();
    await forgetClients();
    const counted = await counting(server.platform, () => party.refresh(String(token)));
    expect(counted).toEqual({ transactions: 0, reads: 4, writes: 1 });
  });

  it('a rotating refresh writes once', async () => {
    const spa = await newApp(server.platform, api, { type: 'spa', firstParty: true });
    const pocket = await relyingParty(server.url, spa);
    const request = await pocket.request({ scope: 'openid notes:read offline_access' });
    const { refresh_token: token } = await pocket.redeem(request, await visitor.open(request.url));
    await forgetClients();
    const counted = await counting(server.platform, () => pocket.refresh(String(token)));
    expect(counted).toEqual({ transactions: 0, reads: 4, writes: 1 });
  });

  it('a sign-in by password and one-time code on a new browser takes at most 30, two transactions among them', async () => {
    const person = await newPerson(server.platform);
    const newcomer = new Visitor(server.url);
    const counted = await counting(server.platform, async () => {
      const credentials = { Email: person.email, Password: person.password };
      const second = await newcomer.submit(await newcomer.open('/sign-in'), 'Sign in', credentials);
      const code = { 'One-time code': await codeOf(person) };
      const arrived = await newcomer.submit(second, 'Continue', code, { follow: false });
      expect(arrived.location).toBe(`${server.url}/account`);
    });
    expect(counted.transactions).toBe(4);
    expect(counted.reads + counted.writes + counted.transactions).toBeLessThanOrEqual(30);
  });
});
