import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { grantAccess } from '../../src/developers/access/access.ts';
import { waitingLetters } from '../../src/platform/mail/outbox.ts';
import { liveInstallations } from '../../src/tokens/installations.ts';
import { writeLastUses } from '../../src/tokens/last-used.ts';
import { type ShiftedTime, shiftTime } from '../support/time.ts';
import { Visitor, type Page } from '../support/visitor.ts';
import { type App, newApp, newOrganization, OPERATOR, type Person, signIn } from '../support/world.ts';
import {
  anotherPerson,
  authorizePath,
  isActive,
  openStage,
  refresh,
  type Stage,
  type Tokens,
  tokensFor,
} from './stage.ts';

const OFFLINE = { scope: 'openid profile offline_access notes:read notes:write' };

describe('connected apps', () => {
  let stage: Stage;
  let time: ShiftedTime | undefined;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage.server.stop());
  afterEach(() => time?.restore());

  interface Connected {
    readonly app: App;
    readonly person: Person;
    readonly browser: Visitor;
    readonly tokens: Tokens;
  }

  /** Somebody new who allowed an app of another organization. */
  async function connected(name = 'Notebook'): Promise<Connected> {
    const { platform } = stage.server;
    const organizationId = await newOrganization(platform, 'Paper Works');
    const app = await newApp(platform, stage.api, { organizationId, name });
    const access = {
      clientId: app.clientId,
      apiIdentifier: stage.api.identifier,
      origin: 'operator',
    } as const;
    await grantAccess(platform, OPERATOR, { ...access, scopes: ['notes:read', 'notes:write'] });
    const { person, browser } = await anotherPerson(stage);
    const tokens = await tokensFor({ browser, issuer: stage.issuer }, app, OFFLINE);
    return { app, person, browser, tokens };
  }

  const refreshes = async (app: App, { refresh_token }: Tokens) =>
    (await refresh(stage, app, refresh_token)).status === 200;

  it('shows what an app may do in words, by API, since when, last used and until when', async () => {
    const { browser, tokens } = await connected();
    await isActive(stage, tokens.access_token);
    await writeLastUses(stage.server.platform);
    const { text } = await browser.open('/account/apps');
    expect(text).toMatch(/Notebook An app by Paper Works/);
    expect(text).toContain('About you, it can See your name Do this while you are away, too');
    expect(text).toContain('At Notes , it can Read your notes Change your notes can change data');
    expect(text).toMatch(
      /Allowed \d+ \w+ \d{4} Last used just now Until \d+ \w+ \d{4}, and later with every use/,
    );
    expect(text).toContain('Connected in 1 place');
  });

  it('shows each place where an app is connected, and the key its tokens are bound to', async () => {
    const { browser, person } = await connected();
    const { platform } = stage.server;
    const [grant] = await liveInstallations(platform, person.id);
    await platform.pool.query('UPDATE grants SET key_thumbprint = $1, user_agent = $2 WHERE id = $3', [
      'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
      'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      grant?.id,
    ]);
    const { text } = await browser.open('/account/apps');
    expect(text).toContain('Firefox on Linux');
    expect(text).toContain('Bound to a key on that device: NzbLsXh8');
  });

  it('ends every token of an app that is removed, at once, and asks again next time', async () => {
    const { app, browser, tokens } = await connected();
    const second = await tokensFor({ browser, issuer: stage.issuer }, app, OFFLINE);
    const after = await browser.submit(await browser.open('/account/apps'), 'Remove Notebook');
    expect(after.text).toContain('The app is removed.');
    expect(after.text).toContain('No app is connected.');
    for (const one of [tokens, second]) {
      expect(await isActive(stage, one.access_token)).toBe(false);
      expect(await refreshes(app, one)).toBe(false);
    }
    expect((await browser.open(authorizePath(app))).text).toContain('Allow Notebook to use your account?');
  });

  it('disconnects one place and leaves the others', async () => {
    const { app, person, browser, tokens } = await connected();
    const elsewhere = new Visitor(stage.server.url);
    time = shiftTime(60);
    await signIn(elsewhere, person);
    const there = await tokensFor({ browser: elsewhere, issuer: stage.issuer }, app, OFFLINE);
    const list = await browser.open('/account/apps');
    expect(list.text).toContain('Connected in 2 places');
    // The newest comes first: it is the one elsewhere.
    const after = await browser.submit(list, 'Disconnect here');
    expect(after.text).toContain('Connected in 1 place');
    expect(await isActive(stage, there.access_token)).toBe(false);
    expect(await refreshes(app, there)).toBe(false);
    expect(await refreshes(app, tokens)).toBe(true);
  });

  it('removes all apps with one button', async () => {
    const { app, browser, tokens, person } = await connected();
    const other = await newApp(stage.server.platform, stage.api, { name: 'Planner' });
    const others = await tokensFor({ browser, issuer: stage.issuer }, other, OFFLINE);
    const after = await browser.submit(
      await browser.open('/account/apps'),
      'Remove every app from your account',
    );
    expect(after.text).toContain('All apps are removed.');
    expect(await refreshes(app, tokens)).toBe(false);
    expect(await refreshes(other, others)).toBe(false);
    const { db } = stage.server.platform;
    expect(await db.auditEvent.count({ where: { action: 'consent.withdrawn', actorId: person.id } })).toBe(2);
  });

  it('shows a part of this service too, and can disconnect it', async () => {
    const { browser } = await anotherPerson(stage);
    const app = await newApp(stage.server.platform, stage.api, { name: 'House app', firstParty: true });
    const tokens = await tokensFor({ browser, issuer: stage.issuer }, app, OFFLINE);
    const list = await browser.open('/account/apps');
    expect(list.text).toContain('A part of Gatehouse: it needs no consent of yours.');
    expect(list.links.has('Change when it ends')).toBe(false);
    await browser.submit(list, 'Remove House app');
    expect(await refreshes(app, tokens)).toBe(false);
  });

  describe('the end', () => {
    async function choose(browser: Visitor, end: string): Promise<Page> {
      const list = await browser.open('/account/apps');
      const form = await browser.open(String(list.links.get('Change when it ends')));
      return browser.submit(form, 'Change the end', { end });
    }

    it('can be brought forward, and then holds for what is connected already', async () => {
      const { app, browser, tokens } = await connected();
      const after = await choose(browser, '1-hour');
      expect(after.text).toContain('The new end is in force.');
      time = shiftTime(3500);
      const { access_token } = (await refresh(stage, app, tokens.refresh_token)).body;
      expect(await isActive(stage, String(access_token))).toBe(true);
      time.forward(200);
      expect(await isActive(stage, String(access_token))).toBe(false);
      expect(await refreshes(app, tokens)).toBe(false);
    });

    it('can be taken away', async () => {
      const { browser } = await connected();
      const after = await choose(browser, 'until-removed');
      expect(after.text).toContain('Until you remove it');
    });

    it('needs its person to have signed in a moment ago', async () => {
      const { browser } = await connected();
      const list = await browser.open('/account/apps');
      const path = String(list.links.get('Change when it ends'));
      const form = await browser.open(path);
      time = shiftTime(1200);
      for (const page of [
        await browser.open(path),
        await browser.submit(form, 'Change the end', { end: 'until-removed' }),
      ]) {
        expect(page.url).toContain('/sign-in');
      }
      expect((await browser.open('/account/apps')).text).toContain('and later with every use');
    });

    it('is asked for again where none was chosen', async () => {
      const { browser } = await connected();
      const after = await choose(browser, 'never');
      expect(after.status).toBe(422);
      expect(after.text).toContain('Choose one of the ends.');
    });
  });

  it('of somebody else are like apps and places that never were', async () => {
    const { app, person, tokens } = await connected();
    const { browser } = await connected('Mine');
    const [grant] = await liveInstallations(stage.server.platform, person.id);
    const list = await browser.open('/account/apps');
    const [form] = list.forms.filter(({ action }) => action.endsWith('/removal'));
    const press = async (path: string) => {
      const fields = new URLSearchParams([...(form?.fields ?? [])]);
      const { status, location } = await browser.post(path, fields, { follow: false });
      return `${status} ${location}`;
    };
    const unknown = 'app_aaaaaaaaaaaaaaaaaaaa';
    const answers = [
      await press(`/account/apps/${app.clientId}/removal`),
      await press(`/account/apps/${unknown}/removal`),
      await press(`/account/apps/${app.clientId}/installations/${grant?.id}/removal`),
      await press(`/account/apps/${unknown}/installations/${'x'.repeat(43)}/removal`),
    ];
    expect(new Set(answers)).toEqual(new Set([`303 ${stage.issuer}/account/apps?done=gone`]));
    const ends = [app.clientId, unknown].map((id) => browser.open(`/account/apps/${id}/end`));
    expect((await Promise.all(ends)).map(({ url }) => url)).toEqual(
      Array(2).fill(`${stage.issuer}/account/apps?done=gone`),
    );
    expect(await refreshes(app, tokens)).toBe(true);
  });

  it('are not for people who are not signed in, nor for other sites', async () => {
    const stranger = new Visitor(stage.server.url);
    expect((await stranger.open('/account/apps')).url).toContain('/sign-in');
    const { app, browser, tokens } = await connected();
    const list = await browser.open('/account/apps');
    const [form] = list.forms.filter(({ action }) => action.endsWith('/removal'));
    const fields = new URLSearchParams([...(form?.fields ?? [])]);
    const path = `/account/apps/${app.clientId}/removal`;
    expect((await browser.post(path, fields, { referrer: 'https://evil.example/' })).status).toBe(403);
    expect((await browser.post(path, {})).status).toBe(403);
    const other = await anotherPerson(stage);
    await other.browser.post(path, fields);
    expect(await refreshes(app, tokens)).toBe(true);
  });

  it('come with a letter when they are connected for the first time, and names in it are no links', async () => {
    const { app, browser, person } = await connected('notes.example/pay');
    await tokensFor({ browser, issuer: stage.issuer }, app, { scope: 'openid notes:read' });
    const letters = (await waitingLetters(stage.server.platform)).filter(
      ({ to, subject }) => to === person.email && subject.includes('new app'),
    );
    expect(letters).toHaveLength(1);
    expect(letters[0]?.text).toContain('notes.\u200bexample/\u200bpay');
    expect(letters[0]?.text).toContain(`${stage.issuer}/account/apps`);
    expect(letters[0]?.html).not.toContain('notes.example');
  });
});
