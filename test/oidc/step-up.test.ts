import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RAISE_SECONDS } from '../../src/accounts/sign-in/strength.ts';
import type { Asked, Authenticator } from '../support/authenticator.ts';
import { givePasskey } from '../support/passkeys.ts';
import { callbackOf } from '../support/relying-party.ts';
import { type ShiftedTime, shiftTime } from '../support/time.ts';
import { type Page, Visitor } from '../support/visitor.ts';
import { type App, newApp, newPerson, type Person, signIn } from '../support/world.ts';
import {
  authorizePath,
  claimsOf,
  codeFor,
  introspected,
  issued,
  newPkce,
  openStage,
  type Params,
  redeem,
  refresh,
  type Stage,
  tokensFor,
} from './stage.ts';

describe('an app that asks for more than the sign-in holds', () => {
  let stage: Stage;
  let app: App;
  let other: App;
  let person: Person;
  let browser: Visitor;
  let time: ShiftedTime;
  beforeAll(async () => {
    stage = await openStage();
    app = await newApp(stage.server.platform, stage.api, { firstParty: true });
    other = await newApp(stage.server.platform, stage.api, { firstParty: true, name: 'Other' });
  });
  afterAll(() => stage.server.stop());
  beforeEach(async () => {
    time = shiftTime();
    person = await newPerson(stage.server.platform);
    browser = new Visitor(stage.issuer);
    await signIn(browser, person);
    // A code of the authenticator app works once.
    time.forward(60);
  });
  afterEach(() => time.restore());

  const ask = (params: Params, of = app) => browser.open(authorizePath(of, params));
  const answerTo = async (params: Params, of = app) => callbackOf(await ask(params, of));
  const silently = (params: Params, of = app) => answerTo({ ...params, prompt: 'none' }, of);
  const pathOf = ({ url }: Page) => new URL(url).pathname;
  /** All of the session but when it was seen last. */
  async function session() {
    const { lastSeenAt: _, ...row } = await stage.server.platform.db.browserSession.findFirstOrThrow({
      where: { accountId: person.id, endedAt: null, completedAt: { not: null } },
    });
    return row;
  }

  /** What the script of the sign-in page does. */
  async function usePasskey(page: Page, authenticator: Authenticator, visitor = browser): Promise<Page> {
    const form = page.forms.find(({ fields }) => fields.has('credential'));
    const challenges = /data-challenges="([^"]*)"/.exec(page.html)?.[1]?.replaceAll('&amp;', '&');
    const form_token = form?.fields.get('form_token') ?? '';
    const asked = JSON.parse((await visitor.post(String(challenges), { form_token })).html) as Asked;
    return visitor.post(String(form?.action), { form_token, credential: authenticator.get(asked) });
  }

  /** The claims of tokens from an authorization that was asked for like this. */
  async function claims(params: Params, of = app) {
    const tokens = await tokensFor({ ...stage, browser }, of, params);
    return { id: claimsOf(tokens.id_token), tokens };
  }

  describe('and a passkey for it', () => {
    let passkey: Authenticator;
    beforeEach(async () => {
      passkey = await givePasskey(stage.server.platform, person.id);
    });

    it('gets it confirmed by its person, and says so truthfully', async () => {
      const pkce = newPkce();
      const confirm = await browser.open(authorizePath(app, { acr_values: 'phr' }, pkce));
      expect(pathOf(confirm)).toBe('/sign-in');
      expect(confirm.text).toContain(`You are ${person.email} . Notebook asks to see that once more.`);
      const now = Math.floor(Date.now() / 1000);
      const { code } = callbackOf(await usePasskey(confirm, passkey));
      const tokens = issued(await redeem(stage, app, { code: String(code), verifier: pkce.verifier }));
      const { auth_time } = claimsOf(tokens.id_token);
      expect(auth_time).toBeGreaterThanOrEqual(now);
      expect(auth_time).toBeLessThanOrEqual(Math.floor(Date.now() / 1000));
      const truth = { acr: 'phr', auth_time };
      expect(claimsOf(tokens.id_token)).toMatchObject({ ...truth, amr: ['pop', 'user', 'mfa'] });
      expect(JSON.parse(await introspected(stage, stage.api, tokens.access_token))).toMatchObject(truth);
      expect(await silently({ acr_values: 'phr' })).toHaveProperty('code');
    });

    it('keeps it for itself after five minutes', async () => {
      await usePasskey(await ask({ acr_values: 'phr' }), passkey);
      expect((await claims({ prompt: 'none' }, other)).id.acr).toBe('phr');
      time.forward(RAISE_SECONDS);
      expect((await claims({ prompt: 'none' }, other)).id).toMatchObject({
        acr: 'aal2',
        amr: ['pwd', 'otp', 'mfa'],
      });
      expect((await claims({ prompt: 'none' })).id.acr).toBe('phr');
      expect((await silently({ acr_values: 'phr' }, other)).error).toBe('unmet_authentication_requirements');
      expect(await silently({ acr_values: 'phr' })).toHaveProperty('code');
    });

    it('says in renewed tokens how the sign-in was that they stem from', async () => {
      await usePasskey(await ask({ acr_values: 'phr' }), passkey);
      const { tokens } = await claims({ scope: 'openid notes:read offline_access' });
      time.forward(3_600);
      const renewed = issued(await refresh(stage, app, tokens.refresh_token));
      expect(JSON.parse(await introspected(stage, stage.api, renewed.access_token)).acr).toBe('phr');
      expect(claimsOf(renewed.id_token).auth_time).toBe(claimsOf(tokens.id_token).auth_time);
    });

    it('is not satisfied by a weaker factor', async () => {
      const page = await signIn(browser, person, await ask({ acr_values: 'phr' }));
      expect(pathOf(page)).toBe('/sign-in');
      expect(await silently({ acr_values: 'phr' })).not.toHaveProperty('code');
    });

    it('is not satisfied by somebody else', async () => {
      const stranger = await newPerson(stage.server.platform);
      const theirs = await givePasskey(stage.server.platform, stranger.id);
      const before = await session();
      const page = await usePasskey(await ask({ acr_values: 'phr' }), theirs);
      expect(page.location ?? '').not.toContain('code=');
      expect(await session()).toMatchObject({
        id: before.id,
        accountId: person.id,
        acr: 'aal2',
        raisedAcr: null,
      });
    });

    it('learns it when its person cancels, and the session is what it was', async () => {
      const before = await session();
      const page = await ask({ acr_values: 'phr' });
      const answer = callbackOf(await browser.submit(page, 'Cancel'));
      expect(answer).toMatchObject({ error: 'unmet_authentication_requirements', state: 'somewhere' });
      expect(await session()).toEqual(before);
      expect((await claims({ prompt: 'none' })).id.acr).toBe('aal2');
    });

    it('lets its person be somebody else', async () => {
      const page = await ask({ acr_values: 'phr' });
      const form = await browser.open(String(page.links.get('Use another account')));
      const stranger = await newPerson(stage.server.platform);
      const theirs = await givePasskey(stage.server.platform, stranger.id);
      expect(callbackOf(await usePasskey(form, theirs))).toHaveProperty('code');
    });
  });

  it.each([
    ['phr', 'It wants you to sign in with a passkey, and you have none yet.'],
    ['phr urn:example:gold', 'It wants you to sign in with a passkey, and you have none yet.'],
  ])('for %s offers to add what is missing, and goes back to it', async (acr_values, sentence) => {
    const page = await ask({ acr_values });
    expect(page.text).toContain(sentence);
    expect(page.links.get('Add it in your account')).toBe('/account/sign-in-methods');
    expect(await browser.open(String(page.links.get('Continue')))).toMatchObject({ title: page.title });
    await givePasskey(stage.server.platform, person.id);
    expect(pathOf(await browser.open(String(page.links.get('Continue'))))).toBe('/sign-in');
    const answer = callbackOf(await browser.submit(page, 'Cancel'));
    expect(answer.error).toBe('unmet_authentication_requirements');
  });

  it('from nobody signed in asks for that first, and then for what is missing', async () => {
    browser = new Visitor(stage.issuer);
    expect((await silently({ acr_values: 'phr' })).error).toBe('login_required');
    const page = await signIn(browser, person, await ask({ acr_values: 'phr' }));
    expect(page.text).toContain('you have none yet');
    const answer = callbackOf(await browser.submit(page, 'Cancel'));
    expect(answer.error).toBe('unmet_authentication_requirements');
  });

  it('from a sign-in by password alone gets the second factor', async () => {
    const { id } = await session();
    await stage.server.platform.db.browserSession.update({
      where: { id },
      data: { acr: 'aal1', amr: ['pwd'] },
    });
    expect((await silently({ acr_values: 'aal2 phr' })).error).toBe('unmet_authentication_requirements');
    const page = await signIn(browser, person, await ask({ acr_values: 'aal2 phr' }));
    expect(callbackOf(page)).toHaveProperty('code');
    expect((await claims({})).id.acr).toBe('aal2');
  });

  it.each(['aal1', 'aal2', 'phr aal2', 'urn:example:gold aal2'])(
    'for %s is satisfied',
    async (acr_values) => {
      expect(await silently({ acr_values })).toHaveProperty('code');
    },
  );

  it.each(['urn:example:gold', 'AAL2', '0', "' OR 1=1 --"])(
    'for %s cannot ever be satisfied',
    async (acr_values) => {
      expect((await answerTo({ acr_values })).error).toBe('unmet_authentication_requirements');
      expect((await silently({ acr_values })).error).toBe('unmet_authentication_requirements');
    },
  );

  describe.each<[string, Params]>([
    ['prompt=login', { prompt: 'login' }],
    ['max_age=0', { max_age: '0' }],
    ['max_age=30', { max_age: '30' }],
  ])('%s', (_what, params) => {
    it('gets a new sign-in of the same person, and says when it was', async () => {
      const page = await ask(params);
      expect(page.text).toContain('Confirm it’s you'.replace('’', "'"));
      const pkce = newPkce();
      const confirm = await browser.open(authorizePath(app, params, pkce));
      const now = Math.floor(Date.now() / 1000);
      const { code } = callbackOf(await signIn(browser, person, confirm));
      const tokens = issued(await redeem(stage, app, { code: String(code), verifier: pkce.verifier }));
      expect(Number(claimsOf(tokens.id_token).auth_time)).toBeGreaterThanOrEqual(now);
    });

    it('is not satisfied by somebody else, not even with the right password of theirs', async () => {
      const stranger = await newPerson(stage.server.platform);
      const page = await ask(params);
      const { email: Email, password: Password } = stranger;
      const next = await browser.submit(page, 'Sign in', { Email, email: Email, Password: `${Password}!` });
      expect(next.text).toContain('This is not your password.');
      expect((await session()).accountId).toBe(person.id);
    });

    it('is told of a person who cancels, whose session is what it was', async () => {
      const before = await session();
      const answer = callbackOf(await browser.submit(await ask(params), 'Cancel'));
      expect(answer.error).toBe('access_denied');
      expect(await session()).toEqual(before);
    });
  });

  it('max_age holds for what is young enough', async () => {
    expect(await silently({ max_age: '3600' })).toHaveProperty('code');
    expect((await silently({ max_age: '30' })).error).toBe('login_required');
  });

  it('by default_acr_values is asked as if it had said so', async () => {
    const strict = await newApp(stage.server.platform, stage.api, { firstParty: true });
    const metadata = { default_acr_values: ['phr'] };
    await stage.server.platform.db.client.update({ where: { id: strict.clientId }, data: { metadata } });
    expect((await silently({}, strict)).error).toBe('unmet_authentication_requirements');
    await expect(codeFor({ browser }, strict)).rejects.toThrow('no code');
  });
});
