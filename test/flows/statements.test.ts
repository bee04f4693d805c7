import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../src/main.ts';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import { askCheck } from '../support/ask-check.ts';
import { countStatements } from '../support/count-statements.ts';
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

/** The statements that a request sends while `work` waits for its answer. */
async function counting(platform: OpenPlatform, work: () => Promise<unknown>): Promise<Counted> {
  const texts = await countStatements(platform, work);
  const isTransaction = (text: string) => /^(BEGIN|COMMIT|ROLLBACK|START TRANSACTION)/.test(text);
  const isWrite = (text: string) => /\b(INSERT|UPDATE|DELETE)\b/.test(text);
  return {
    transactions: texts.filter(isTransaction).length,
    reads: texts.filter((text) => !isWrite(text) && !isTransaction(text)).length,
    writes: texts.filter(isWrite).length,
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

  it('introspection of a user’s token reads three times and writes nothing', async () => {
    const { access_token: token } = await newTokens();
    await forgetClients();
    const counted = await counting(server.platform, async () => {
      expect(await introspect(server.url, api, token)).toMatchObject({ active: true });
    });
    expect(counted).toEqual({ transactions: 0, reads: 3, writes: 0 });
  });

  it('introspection of an app’s own token reads no more than that', async () => {
    const issued = await postAs(server.url, '/token', machine, { grant_type: 'client_credentials' });
    const { access_token: token } = (await issued.json()) as { access_token: string };
    await forgetClients();
    const counted = await counting(server.platform, async () => {
      expect(await introspect(server.url, api, token)).toMatchObject({ active: true });
    });
    expect(counted).toEqual({ transactions: 0, reads: 3, writes: 0 });
  });

  it('the check of a gateway reads no more than introspection, and writes nothing', async () => {
    const { access_token: token } = await newTokens();
    const check = async () => {
      expect((await askCheck(server.url, { api, token })).status).toBe(200);
    };
    await forgetClients();
    expect(await counting(server.platform, check)).toEqual({ transactions: 0, reads: 3, writes: 0 });
    expect(await counting(server.platform, check)).toEqual({ transactions: 0, reads: 1, writes: 0 });
  });

  it('an app that is known already is not read again', async () => {
    const ask = () => postAs(server.url, '/token', machine, { grant_type: 'client_credentials' });
    await forgetClients();
    await ask();
    expect(await counting(server.platform, ask)).toEqual({ transactions: 0, reads: 0, writes: 1 });
  });

  it('an authorization request of somebody signed in who allowed all of it writes once', async () => {
    const request = await party.request({ scope: 'openid notes:read offline_access' });
    await forgetClients();
    const counted = await counting(server.platform, async () => {
      const { location = '' } = await visitor.open(request.url);
      expect(new URL(location).searchParams.get('code')).toBeTruthy();
    });
    expect(counted).toEqual({ transactions: 0, reads: 6, writes: 1 });
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

  it('a sign-in by password and one-time code on a new browser takes at most 32, two transactions and two limits among them', async () => {
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
    expect(counted.reads + counted.writes + counted.transactions).toBeLessThanOrEqual(32);
  });
});
