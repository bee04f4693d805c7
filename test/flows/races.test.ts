import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueRecoveryCodes } from '../../src/accounts/credentials/renew-recovery-codes.ts';
import { digestOf } from '../../src/platform/crypto/secrets.ts';
import type { Asked } from '../support/authenticator.ts';
import { givePasskey } from '../support/passkeys.ts';
import { codeFromMailbox } from '../support/people.ts';
import { relyingParty } from '../support/relying-party.ts';
import { type Answer, basic, startTwoServers, type TwoServers } from '../support/two-servers.ts';
import { Visitor } from '../support/visitor.ts';
import {
  type App,
  codeOf,
  type Notes,
  newApi,
  newApp,
  newPerson,
  OPERATOR,
  type Person,
  signIn,
} from '../support/world.ts';

const TRIES = 50;
const ROUNDS = 20;

/** The same request fifty times at once, by turns to both processes. */
function race(send: (turn: number) => Promise<Answer>): Promise<Answer[]> {
  return Promise.all(Array.from({ length: TRIES }, (_, turn) => send(turn)));
}

function byStatus(answers: readonly Answer[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

describe('fifty tries at once, over two processes', { timeout: 120_000 }, () => {
  let world: TwoServers;
  let api: Notes;
  let browser: Visitor;
  beforeAll(async () => {
    world = await startTwoServers();
    api = await newApi(world.platform);
    browser = new Visitor(world.issuer);
    await signIn(browser, await newPerson(world.platform));
  });
  afterAll(() => world.stop());

  const active = async (token: unknown, turn = 0) =>
    (await world.post(turn, '/token/introspection', { token: String(token) }, basic(api))).json().active;

  async function newTokens(app: App, scope = 'openid notes:read offline_access') {
    const party = await relyingParty(world.issuer, app);
    const request = await party.request({ scope });
    const callback = await browser.open(request.url);
    return { party, request, callback };
  }

  it('one authorization code gives one answer, and being presented twice kills what it gave', async () => {
    const app = await newApp(world.platform, api, { firstParty: true });
    for (let round = 0; round < ROUNDS; round += 1) {
      const { request, callback } = await newTokens(app);
      const code = new URL(callback.location ?? '').searchParams.get('code') ?? '';
      const fields = {
        grant_type: 'authorization_code',
        code,
        redirect_uri: app.redirectUri,
        code_verifier: request.verifier,
      };
      const answers = await race((turn) => world.post(turn, '/token', fields, basic(app)));
      expect(byStatus(answers)).toEqual({ 200: 1, 400: TRIES - 1 });
      const tokens = answers.find(({ status }) => status === 200)?.json() ?? {};
      expect(
        answers.filter(({ status }) => status === 400).every((one) => one.json().error === 'invalid_grant'),
      ).toBe(true);
      expect(await Promise.all([active(tokens.access_token, 0), active(tokens.access_token, 1)])).toEqual([
        false,
        false,
      ]);
      const refresh = { grant_type: 'refresh_token', refresh_token: String(tokens.refresh_token) };
      expect((await world.post(round, '/token', refresh, basic(app))).status).toBe(400);
    }
  });

  it('one rotating refresh token has one successor, and is dead once the successor was used', async () => {
    const app = await newApp(world.platform, api, { type: 'spa', firstParty: true });
    for (let round = 0; round < ROUNDS; round += 1) {
      const { party, request, callback } = await newTokens(app);
      const first = await party.redeem(request, callback);
      const renew = (token: unknown) => ({
        grant_type: 'refresh_token',
        refresh_token: String(token),
        client_id: app.clientId,
      });
      const answers = await race((turn) => world.post(turn, '/token', renew(first.refresh_token)));
      expect(byStatus(answers)).toEqual({ 200: TRIES });
      const successors = new Set(answers.map((one) => one.json().refresh_token));
      expect(successors.size).toBe(1);
      const predecessorDigest = digestOf(String(first.refresh_token));
      expect(await world.platform.db.artifact.count({ where: { predecessorDigest } })).toBe(1);

      const [successor] = successors;
      const used = await world.post(round, '/token', renew(successor));
      expect(used.status).toBe(200);
      expect(await active(used.json().access_token)).toBe(true);
      expect((await world.post(round + 1, '/token', renew(first.refresh_token))).status).toBe(400);
      expect((await world.post(round, '/token', renew(used.json().refresh_token))).status).toBe(400);
      expect(await active(used.json().access_token, round)).toBe(false);
    }
  });

  it('one refresh token of a confidential client answers every time', async () => {
    const app = await newApp(world.platform, api, { firstParty: true });
    const { party, request, callback } = await newTokens(app);
    const { refresh_token: token } = await party.redeem(request, callback);
    const fields = { grant_type: 'refresh_token', refresh_token: String(token) };
    for (let round = 0; round < ROUNDS; round += 1) {
      const answers = await race((turn) => world.post(turn, '/token', fields, basic(app)));
      expect(byStatus(answers)).toEqual({ 200: TRIES });
      expect(new Set(answers.map((one) => one.json().refresh_token))).toEqual(new Set([token]));
    }
  });

  it('one code of an authenticator signs in once', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const person = await newPerson(world.platform);
      const visitor = new Visitor(world.issuer);
      const form = await visitor.submit(await visitor.open('/sign-in'), 'Sign in', {
        Email: person.email,
        Password: person.password,
      });
      const fields = { ...Object.fromEntries(form.forms[0]?.fields ?? []), code: await codeOf(person) };
      const cookie = visitor.cookies.headerFor(new URL(form.url)) ?? '';
      const path = new URL(form.url).pathname;
      const answers = await race((turn) => world.post(turn, path, fields, { Cookie: cookie }));
      const signedIn = answers.filter(
        ({ status, location }) => status === 303 && location?.endsWith('/account'),
      );
      expect(signedIn).toHaveLength(1);
      const completed = { accountId: person.id, completedAt: { not: null } };
      expect(await world.platform.db.browserSession.count({ where: completed })).toBe(1);
    }
  });

  it('one passkey challenge signs in once, though the passkey keeps no counter', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { id: accountId } = await newPerson(world.platform);
      const passkey = await givePasskey(world.platform, accountId, { counts: false });
      const sessions = () => world.platform.db.browserSession.count({ where: { accountId } });
      const before = await sessions();
      const visitor = new Visitor(world.issuer);
      const page = await visitor.open('/sign-in');
      const form = page.forms.find(({ action }) => action === '/sign-in/passkey');
      const fields = Object.fromEntries(form?.fields ?? []);
      const asked = await visitor.post('/sign-in/passkey/challenges', fields);
      const credential = passkey.get(JSON.parse(asked.html) as Asked);
      const cookie = visitor.cookies.headerFor(new URL(page.url)) ?? '';
      const send = (turn: number) =>
        world.post(turn, '/sign-in/passkey', { ...fields, credential }, { Cookie: cookie });
      expect(byStatus(await race(send))).toEqual({ 303: 1, 422: TRIES - 1 });
      expect(await sessions()).toBe(before + 1);
    }
  });

  it('one recovery code signs in once', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const person = await newPerson(world.platform);
      const issued = await issueRecoveryCodes(world.platform, OPERATOR, person.id);
      const visitor = new Visitor(world.issuer);
      await enterPassword(visitor, person);
      const { path, fields, cookie } = await readyToSend(visitor, '/sign-in/recovery-code');
      const code = issued.recoveryCodes[0] ?? '';
      const answers = await race((turn) => world.post(turn, path, { ...fields, code }, { Cookie: cookie }));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      const completed = { accountId: person.id, completedAt: { not: null } };
      expect(await world.platform.db.browserSession.count({ where: completed })).toBe(1);
      const used = { accountId: person.id, usedAt: { not: null } };
      expect(await world.platform.db.recoveryCode.count({ where: used })).toBe(1);
    }
  });

  it('one lost factor is replaced once, and its letter begins one wait', async () => {
    const person = await newPerson(world.platform);
    const visitor = new Visitor(world.issuer);
    await enterPassword(visitor, person);
    await visitor.submit(await visitor.open('/sign-in/lost-factor'), 'Send me a code');
    const begin = await readyToSend(visitor, '/sign-in/lost-factor/code');
    const first = { ...begin.fields, code: await codeFromMailbox(visitor, person.email) };
    await race((turn) => world.post(turn, begin.path, first, { Cookie: begin.cookie }));
    expect(await world.platform.db.factorReset.count({ where: { accountId: person.id } })).toBe(1);

    // Three days go by, and the pause that fifty tries brought on.
    await world.platform.pool.query('DELETE FROM login_failures');
    await world.platform.pool.query('UPDATE factor_resets SET due_at = now() WHERE account_id = $1', [
      person.id,
    ]);
    const due = await visitor.open('/sign-in/lost-factor');
    const asked = await visitor.submit(due, 'Set up a new authenticator app');
    const code = await codeFromMailbox(visitor, person.email);
    const page = await visitor.submit(asked, 'Continue', { 'Verification code': code });
    const seed = /secret=([A-Z2-7]+)/.exec(page.html)?.[1] ?? '';
    const finish = await readyToSend(visitor, '/sign-in/lost-factor/authenticator');
    const last = { ...finish.fields, code: await codeOf({ seed }) };
    const answers = await race((turn) => world.post(turn, finish.path, last, { Cookie: finish.cookie }));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    const device = { accountId: person.id, confirmedAt: { not: null } };
    expect(await world.platform.db.totpDevice.count({ where: device })).toBe(1);
  });

  async function enterPassword(visitor: Visitor, { email, password }: Person): Promise<void> {
    const form = await visitor.open('/sign-in');
    await visitor.submit(form, 'Sign in', { Email: email, Password: password });
  }

  /** The form of a page with a code to type, as its own browser would send it. */
  async function readyToSend(visitor: Visitor, path: string) {
    const page = await visitor.open(path);
    const form = page.forms.find(({ labels }) => [...labels.values()].includes('code'));
    const cookie = visitor.cookies.headerFor(new URL(page.url)) ?? '';
    return { path, fields: Object.fromEntries(form?.fields ?? []), cookie };
  }
});
