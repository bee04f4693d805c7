import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeSetting } from '../../src/audit/change-setting.ts';
import { PERSONAL_TOKENS } from '../../src/tokens/personal-tokens.ts';
import { basic, startTwoServers, type TwoServers } from '../support/two-servers.ts';
import { type Page, Visitor } from '../support/visitor.ts';
import { type App, newApi, newApp, newPerson, type Notes, OPERATOR, signIn } from '../support/world.ts';
import { tokensFor } from './stage.ts';
import { PATIENCE } from '../support/patience.ts';

const OFFLINE = { scope: 'openid offline_access notes:read' };

describe('what a person takes back in one process', () => {
  let servers: TwoServers;
  let api: Notes;
  let app: App;
  let browser: Visitor;
  beforeAll(async () => {
    servers = await startTwoServers();
    const { platform, issuer } = servers;
    api = await newApi(platform);
    app = await newApp(platform, api);
    const person = await newPerson(platform);
    await platform.db.organizationMember.create({
      data: {
        organizationId: api.organizationId,
        accountId: person.id,
        role: 'developer',
        createdAt: new Date(),
      },
    });
    browser = new Visitor(issuer);
    await signIn(browser, person);
  }, 60_000);
  afterAll(() => servers.stop());

  /** As the other process answers. */
  async function isActive(token: string): Promise<boolean> {
    const answer = await servers.post(1, '/token/introspection', { token }, basic(api));
    return answer.json().active === true;
  }

  async function refreshes(token: string): Promise<boolean> {
    const fields = { grant_type: 'refresh_token', refresh_token: token };
    return (await servers.post(1, '/token', fields, basic(app))).status === 200;
  }

  const connect = () => tokensFor({ browser, issuer: servers.issuer }, app, OFFLINE);

  async function makeToken(): Promise<string> {
    const form = await browser.open('/account/tokens/new');
    const made = await browser.submit(form, 'Make the token', { Name: 'Script', 'scope notes:read': 'on' });
    return /gate_access_[\w-]+/.exec(made.text)?.[0] ?? '';
  }

  /** Presses a button and waits for a second. */
  async function press(path: string, button: string): Promise<Page> {
    const page = await browser.submit(await browser.open(path), button);
    await sleep(1000);
    return page;
  }

  it('is gone in the other within a second: an app', async () => {
    const { access_token, refresh_token } = await connect();
    expect(await isActive(access_token)).toBe(true);
    await press('/account/apps', 'Remove Notebook');
    expect(await isActive(access_token)).toBe(false);
    expect(await refreshes(refresh_token)).toBe(false);
  });

  it('is gone in the other within a second: an app in one place', async () => {
    const { access_token, refresh_token } = await connect();
    expect(await isActive(access_token)).toBe(true);
    await press('/account/apps', 'Disconnect here');
    expect(await isActive(access_token)).toBe(false);
    expect(await refreshes(refresh_token)).toBe(false);
  });

  it('is gone in the other within a second: a token of their own', async () => {
    const token = await makeToken();
    expect(await isActive(token)).toBe(true);
    await press('/account/tokens', 'Revoke Script');
    expect(await isActive(token)).toBe(false);
  });

  it('and tokens of their own, once the operator forbids them', async () => {
    const token = await makeToken();
    expect(await isActive(token)).toBe(true);
    await changeSetting(servers.platform, OPERATOR, { setting: PERSONAL_TOKENS, value: false });
    // Every process reads settings once a second, more or less.
    await expect.poll(() => isActive(token), PATIENCE).toBe(false);
    await expect.poll(async () => (await browser.open('/account/tokens')).status, PATIENCE).toBe(404);
  });

  it('cannot be given back by a request that was under way', { timeout: 60_000 }, async () => {
    for (let round = 0; round < 10; round += 1) {
      await connect();
      const list = await browser.open('/account/apps');
      const asking = connect().catch(() => undefined);
      await browser.submit(list, 'Remove Notebook');
      const late = await asking;
      const { text } = await browser.open('/account/apps');
      // Either it came before and is gone with the rest, or it was asked for anew after, and is listed.
      if (late) expect(await isActive(late.access_token)).toBe(text.includes('Notebook'));
    }
  });
});
