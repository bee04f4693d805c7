import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { suspendClient } from '../../../src/developers/clients/suspension.ts';
import { LIFETIMES } from '../../../src/tokens/lifetimes.ts';
import { callbackOf } from '../../support/relying-party.ts';
import { type ShiftedTime, shiftTime } from '../../support/time.ts';
import { type Page, Visitor } from '../../support/visitor.ts';
import { type App, newApp, newPerson, OPERATOR, signIn } from '../../support/world.ts';
import { anotherPerson, authorizePath, openStage, rowCounts, type Stage } from '../stage.ts';

/** The steps between a request and its answer, taken in another order, by another browser, or by another person. */
describe('the steps on the way to an app', () => {
  let stage: Stage;
  let app: App;
  let other: App;
  let time: ShiftedTime | undefined;
  beforeAll(async () => {
    stage = await openStage();
    app = await newApp(stage.server.platform, stage.api);
    other = await newApp(stage.server.platform, stage.api, { name: 'Other' });
  });
  afterAll(() => stage.server.stop());
  afterEach(() => time?.restore());

  /** The consent page as a signed-in person gets it, for an app that nobody has allowed yet. */
  const consentPage = (browser = stage.browser, of = app): Promise<Page> =>
    browser.open(authorizePath(of, { prompt: 'consent' }));
  const interactionOf = (page: Page) => new URL(page.url).pathname.replace(/\/consent$/, '');
  const resumeOf = (page: Page) => `/authorize/${interactionOf(page).split('/')[2]}`;
  const isRefused = ({ status, location }: Page) => status >= 400 && location === undefined;

  async function expectNothingAllowed(page: Page): Promise<void> {
    expect(page.location ?? '').not.toContain('code=');
    const silent = await stage.browser.open(authorizePath(app, { prompt: 'none' }));
    expect(callbackOf(silent).error).toBe('consent_required');
  }

  it('cannot be walked by a browser that did not begin them', async () => {
    const page = await consentPage();
    const { browser } = await anotherPerson(stage);
    for (const path of [interactionOf(page), `${interactionOf(page)}/consent`]) {
      expect((await browser.open(path)).status).toBe(410);
      expect((await new Visitor(stage.issuer).open(path)).status).toBe(410);
    }
    expect(isRefused(await browser.open(resumeOf(page)))).toBe(true);
  });

  it('cannot be walked with a cookie written by hand', async () => {
    const page = await consentPage();
    const { browser } = await anotherPerson(stage);
    const uid = String(interactionOf(page).split('/')[2]);
    for (const name of ['gatehouse_interaction', 'gatehouse_resume']) {
      browser.cookies.set(stage.issuer, name, uid);
      browser.cookies.set(stage.issuer, `${name}.sig`, 'x'.repeat(27));
    }
    expect((await browser.open(interactionOf(page))).status).toBe(410);
    expect(isRefused(await browser.open(resumeOf(page)))).toBe(true);
  });

  it('cannot be skipped: going straight to the end asks the same again', async () => {
    const visitor = new Visitor(stage.issuer);
    await visitor.open(authorizePath(app));
    const resume = [...visitor.cookies.all()].find(([name]) => name === 'gatehouse_resume')?.[1];
    const page = await visitor.open(`/authorize/${resume}`);
    expect(new URL(page.url).pathname).toBe('/sign-in');

    const consent = await consentPage();
    const again = await stage.browser.open(resumeOf(consent));
    expect(new URL(again.url).pathname).toMatch(/\/consent$/);
    await expectNothingAllowed(again);
  });

  it('are not walked by looking at them', async () => {
    const page = await consentPage();
    const before = await rowCounts(stage);
    for (const query of ['?decision=allow', '?form_token=x&decision=allow']) {
      const looked = await stage.browser.open(page.url + query);
      expect(looked.status).toBe(200);
      await expectNothingAllowed(looked);
    }
    expect((await rowCounts(stage)).consents).toBe(before.consents);
  });

  describe('take no decision', () => {
    it.each<[string, Record<string, string>]>([
      ['without the token of the form', { form_token: '' }],
      ['with a token of one’s own', { form_token: 'x'.repeat(43) }],
    ])('%s', async (_what, fields) => {
      const page = await stage.browser.submit(await consentPage(), 'Allow', fields);
      expect(page.status).toBe(403);
      await expectNothingAllowed(page);
    });

    it('with the token of the form for another request, or for another app', async () => {
      const first = await consentPage();
      const otherToken = String((await consentPage(stage.browser, other)).forms[0]?.fields.get('form_token'));
      const second = await consentPage();
      const firstToken = String(first.forms[0]?.fields.get('form_token'));
      for (const form_token of [otherToken, firstToken]) {
        const page = await stage.browser.submit(second, 'Allow', { form_token });
        expect(page.status).toBe(403);
        await expectNothingAllowed(page);
      }
    });

    it.each<[string, Record<string, string>]>([
      ['from another site', { 'Sec-Fetch-Site': 'cross-site' }],
      ['from a neighbour', { 'Sec-Fetch-Site': 'same-site' }],
      ['from nowhere', { 'Sec-Fetch-Site': '', Origin: 'null' }],
      ['from an old browser elsewhere', { 'Sec-Fetch-Site': '', Origin: 'https://evil.example' }],
    ])('%s', async (_what, headers) => {
      const page = await stage.browser.submit(await consentPage(), 'Allow', {}, { headers });
      expect(page.status).toBe(403);
      await expectNothingAllowed(page);
    });

    it('in other words than the two there are', async () => {
      for (const decision of ['ALLOW', 'yes', '', '__proto__']) {
        const form = await consentPage();
        const [{ fields } = { fields: new Map() }] = form.forms;
        const page = await stage.browser.post(form.url, { ...Object.fromEntries(fields), decision });
        await expectNothingAllowed(page);
      }
    });

    it('twice in one form', async () => {
      const form = await consentPage();
      const fields = new URLSearchParams([...(form.forms[0]?.fields ?? [])]);
      fields.append('decision', 'cancel');
      fields.append('decision', 'allow');
      const page = await stage.browser.post(form.url, fields);
      expect(page.status).toBe(400);
      await expectNothingAllowed(page);
    });

    it('for a person who has left: the form of one session is none of the next', async () => {
      const { browser } = await anotherPerson(stage);
      const form = await consentPage(browser);
      await browser.submit(await browser.open('/sign-out'), 'Sign out');
      await signIn(browser, await newPerson(stage.server.platform));
      const page = await browser.submit(form, 'Allow');
      expect(page.status).toBe(403);
    });

    it('for nobody: whoever signed out meanwhile signs in first', async () => {
      const { browser } = await anotherPerson(stage);
      const form = await consentPage(browser);
      await browser.submit(await browser.open('/sign-out'), 'Sign out');
      const page = await browser.submit(form, 'Allow');
      expect(new URL(page.url).pathname).toBe('/sign-in');
    });

    it('for an app that is suspended meanwhile', async () => {
      const paused = await newApp(stage.server.platform, stage.api, { name: 'Paused' });
      const form = await consentPage(stage.browser, paused);
      await suspendClient(stage.server.platform, OPERATOR, paused.clientId);
      await sleep(600);
      expect((await stage.browser.submit(form, 'Allow')).status).toBe(410);
    });

    it('after half an hour', async () => {
      const form = await consentPage();
      time = shiftTime(LIFETIMES.interaction + 60);
      expect((await stage.browser.submit(form, 'Allow')).status).toBe(410);
      await expectNothingAllowed(form);
    });
  });

  // The last one: from here on the app is allowed.
  it('lead to the app however often the button is pressed, and are over then', async () => {
    const form = await consentPage();
    const pages = await Promise.all(Array.from({ length: 5 }, () => stage.browser.submit(form, 'Allow')));
    expect(pages.filter(({ location }) => location?.includes('code=')).length).toBeGreaterThan(0);
    expect(pages.every(({ status }) => status < 500)).toBe(true);
    expect(isRefused(await stage.browser.submit(form, 'Allow'))).toBe(true);
    expect(isRefused(await stage.browser.open(resumeOf(form)))).toBe(true);
  });
});
