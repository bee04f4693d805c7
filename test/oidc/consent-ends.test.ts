import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { changeScope } from '../../src/developers/apis/scopes/scope-changes.ts';
import { changeSetting } from '../../src/audit/change-setting.ts';
import { CONSENT_END, endOf } from '../../src/tokens/consent-ends.ts';
import { changeConsentEnd, liveConsents, withdrawConsent } from '../../src/tokens/consents.ts';
import { writeLastUses } from '../../src/tokens/last-used.ts';
import { type ShiftedTime, shiftTime } from '../support/time.ts';
import type { Page } from '../support/visitor.ts';
import { type App, newApi, newApp, newOrganization, OPERATOR } from '../support/world.ts';
import {
  anotherPerson,
  answerOf,
  authorizePath,
  claimsOf,
  introspected,
  isActive,
  issued,
  newPkce,
  openStage,
  redeem,
  refresh,
  type Stage,
  type Tokens,
} from './stage.ts';

const DAY = 86_400;
const SCOPE = 'openid email notes:read notes:write offline_access';

/** From the choice on the consent page to what the app has in its hands, and for how long. */
describe('a consent given on the page', () => {
  let stage: Stage;
  let app: App;
  let time: ShiftedTime | undefined;
  let current: Pick<Stage, 'person' | 'browser'>;
  beforeAll(async () => {
    stage = await openStage();
    const { platform } = stage.server;
    const optional = { apiIdentifier: stage.api.identifier, name: 'notes:write', optional: true };
    expect((await changeScope(platform, OPERATOR, optional)).ok).toBe(true);
    app = await newApp(platform, stage.api, { name: 'Inkwell' });
  });
  afterAll(() => stage.server.stop());
  afterEach(() => time?.restore());

  async function consentPage(scope = SCOPE, params = {}): Promise<{ page: Page; verifier: string }> {
    const pkce = newPkce();
    const page = await current.browser.open(authorizePath(app, { scope, ...params }, pkce));
    return { page, verifier: pkce.verifier };
  }

  /** Allows with these fields of the form changed, and redeems. */
  async function allowed(fields: Record<string, string> = {}, scope = SCOPE): Promise<Tokens> {
    const { page, verifier } = await consentPage(scope);
    const answer = await current.browser.submit(page, 'Allow', fields);
    const code = new URL(String(answer.location)).searchParams.get('code');
    if (!code) throw new Error(`no code: ${answer.status} ${answer.location ?? answer.text.slice(0, 300)}`);
    return issued(await redeem(stage, app, { code, verifier }));
  }

  const newcomer = async () => {
    current = await anotherPerson(stage);
  };
  const userinfo = async (token: string) =>
    answerOf(
      await fetch(new URL('/userinfo', stage.issuer), { headers: { Authorization: `Bearer ${token}` } }),
    );
  const parties = () => ({ accountId: current.person.id, clientId: app.clientId });
  const boxOf = (page: Page) =>
    [...(page.forms.find(({ buttons }) => buttons.some(({ text }) => text === 'Allow'))?.labels ?? [])].find(
      ([label]) => label === 'Change your notes',
    )?.[1];

  describe('opens', () => {
    beforeAll(newcomer);

    it('with one list, one end and two answers of the same size', async () => {
      const { page } = await consentPage();
      expect(page.text).toContain('Access ends after 90 days without use.');
      expect(page.text).toContain('Change your notes can change data optional');
      expect(page.forms[0]?.fields.get('end')).toBe('unused-90-days');
      expect(page.html.match(/<button class="button secondary"/g)).toHaveLength(2);
      expect(page.html).toMatch(/<details>\s*<summary>Change/);
    });

    it('saying that nobody has checked the name, and that a loopback app runs here', async () => {
      const { page } = await consentPage();
      expect(page.text).toContain('We have not checked who runs it.');
      expect(page.text).toContain(
        'This app runs on this computer. Only continue if you started it yourself.',
      );
      const web = await newApp(stage.server.platform, stage.api, {
        redirectUris: ['https://ink.example/cb'],
      });
      const other = await current.browser.open(authorizePath(web));
      expect(other.text).toContain('Name set by the app at ink.example . We have not checked who runs it.');
      expect(other.text).not.toContain('runs on this computer');
    });

    it('with the end that operators set', async () => {
      const { platform } = stage.server;
      await changeSetting(platform, OPERATOR, { setting: CONSENT_END, value: '30-days' });
      await platform.settings.refresh();
      const { page } = await consentPage();
      expect(page.text).toContain('Access ends after 30 days.');
      expect(page.forms[0]?.fields.get('end')).toBe('30-days');
      await changeSetting(platform, OPERATOR, { setting: CONSENT_END, value: 'unused-90-days' });
      await platform.settings.refresh();
    });

    it('for that very list: once an API says something else of it, the button decides nothing', async () => {
      const { page } = await consentPage();
      const scope = { apiIdentifier: stage.api.identifier, name: 'notes:read' };
      const { platform } = stage.server;
      await changeScope(platform, OPERATOR, { ...scope, description: 'Read and sell your notes' });
      const answer = await current.browser.submit(page, 'Allow');
      await changeScope(platform, OPERATOR, { ...scope, description: 'Read your notes' });
      expect([answer.status, answer.location]).toEqual([403, undefined]);
    });

    it('never in a frame', async () => {
      const { page } = await consentPage();
      expect(page.headers.get('Content-Security-Policy')).toContain("frame-ancestors 'none'");
    });
  });

  describe('for a part of what was asked', () => {
    it.each<[string, (page: Page) => Record<string, string>]>([
      ['read only', () => ({ access: 'read' })],
      ['one box unticked', (page) => ({ [String(boxOf(page))]: '' })],
    ])('%s: the app gets no more, and is not asked about again at once', async (_how, fieldsOf) => {
      await newcomer();
      const { page } = await consentPage();
      const tokens = await allowed(fieldsOf(page));
      expect(tokens.scope).toBe('notes:read');
      expect(JSON.parse(await introspected(stage, stage.api, tokens.access_token)).scope).toBe('notes:read');
      const renewed = issued(await refresh(stage, app, tokens.refresh_token));
      expect(renewed.scope).toBe('notes:read');
      const again = await consentPage();
      expect(again.page.location).toContain('code=');
    });

    it('allows the rest later, when the app asks for it by prompt=consent', async () => {
      await newcomer();
      await allowed({ access: 'read' });
      const { page, verifier } = await consentPage(SCOPE, { prompt: 'consent' });
      expect(page.text).toContain('Inkwell already has access to your account. It now also asks for');
      expect(page.text).toContain('At Notes , it could also Change your notes');
      expect(page.text.indexOf('What Inkwell already has')).toBeLessThan(
        page.text.indexOf('Read your notes'),
      );
      const answer = await current.browser.submit(page, 'Allow');
      const code = String(new URL(String(answer.location)).searchParams.get('code'));
      expect(issued(await redeem(stage, app, { code, verifier })).scope).toBe('notes:read notes:write');
    });

    it('is refused altogether where nothing of it is left', async () => {
      await newcomer();
      const { page } = await consentPage('notes:write');
      const answer = await current.browser.submit(page, 'Allow', { [String(boxOf(page))]: '' });
      expect(new URL(String(answer.location)).searchParams.get('error')).toBe('access_denied');
    });

    it('keeps what cannot be left out, whatever the form says', async () => {
      await newcomer();
      const { page } = await consentPage();
      const field = `scope notes:read ${stage.api.identifier}`;
      expect(page.html).not.toContain(field);
      expect((await allowed({ [field]: '' })).scope).toContain('notes:read');
    });
  });

  describe('asked again', () => {
    it('shows what is new, and leaves the end as it was', async () => {
      await newcomer();
      await allowed({ end: '1-day' }, 'openid notes:read');
      const { page } = await consentPage('openid email notes:read');
      expect(page.text).toContain('About you, it could also See your email address');
      expect(page.text).toMatch(/Access ends on .*, as before\./);
      expect(page.forms[0]?.fields.get('end')).toBe('as-before');
      const before = await liveConsents(stage.server.platform, current.person.id, app.clientId);
      await current.browser.submit(page, 'Allow');
      const after = await liveConsents(stage.server.platform, current.person.id, app.clientId);
      expect(after.map(({ until }) => until)).toEqual(before.map(({ until }) => until));
    });

    it('for another end moves what the app holds already', async () => {
      await newcomer();
      const { access_token: token } = await allowed({ end: '1-day' });
      const { page } = await consentPage(SCOPE, { prompt: 'consent' });
      expect(page.text).toContain('Nothing is new.');
      await current.browser.submit(page, 'Allow', { end: '1-hour' });
      time = shiftTime(3_600);
      expect(await isActive(stage, token)).toBe(false);
    });

    it('cannot keep the end of nothing', async () => {
      await newcomer();
      await allowed({ end: 'as-before' });
      const [consent] = await liveConsents(stage.server.platform, current.person.id, app.clientId);
      expect(consent?.unusedSeconds).toBe(90 * DAY);
    });
  });

  describe('when its end comes', () => {
    it.each([
      ['1-hour', 3_600],
      ['1-day', DAY],
      ['30-days', 30 * DAY],
    ])(
      'after %s stops refresh, introspection and userinfo within a second, and asks anew',
      async (end, seconds) => {
        await newcomer();
        const begun = Date.now();
        const tokens = await allowed({ end });
        const [consent] = await liveConsents(stage.server.platform, current.person.id, app.clientId);
        const until = consent?.until?.getTime() ?? 0;
        expect(until).toBeGreaterThanOrEqual(begun + seconds * 1000);
        expect(until).toBeLessThanOrEqual(Date.now() + seconds * 1000);
        // In the last half minute the app renews what it has.
        time = shiftTime((until - Date.now()) / 1000 - 30);
        const latest = issued(await refresh(stage, app, tokens.refresh_token));
        const { access_token: about } = issued(
          await refresh(stage, app, tokens.refresh_token, {
            scope: 'openid email',
          }),
        );
        expect([await isActive(stage, latest.access_token), (await userinfo(about)).status]).toEqual([
          true,
          200,
        ]);
        expect(latest.expires_in).toBeLessThanOrEqual(31);
        expect(Number(claimsOf(latest.id_token).exp)).toBeLessThanOrEqual(until / 1000 + 1);
        time.forward(31);
        expect(await isActive(stage, latest.access_token)).toBe(false);
        expect((await userinfo(about)).status).toBe(401);
        expect((await refresh(stage, app, tokens.refresh_token)).body.error).toBe('invalid_grant');
      },
    );

    it('no JWT outlives it', async () => {
      await newcomer();
      const { platform } = stage.server;
      const jwtApi = await newApi(platform, { identifier: 'https://jwt.example', tokenFormat: 'jwt' });
      const guest = await newApp(platform, jwtApi);
      const pkce = newPkce();
      const page = await current.browser.open(authorizePath(guest, {}, pkce));
      const answer = await current.browser.submit(page, 'Allow', { end: '1-hour' });
      time = shiftTime(3_600 - 120);
      await changeConsentEnd(platform, OPERATOR, {
        accountId: current.person.id,
        clientId: guest.clientId,
        end: { until: new Date(Date.now() + 50_000), unusedSeconds: null },
      });
      time.forward(-3_600 + 120);
      const code = String(new URL(String(answer.location)).searchParams.get('code'));
      const { access_token } = issued(await redeem(stage, guest, { code, verifier: pkce.verifier }));
      expect(Number(claimsOf(access_token).exp)).toBeLessThanOrEqual(Date.now() / 1000 + 3_600);
    });

    it('an end brought forward shows in what introspection says', async () => {
      await newcomer();
      const tokens = await allowed();
      const end = { until: new Date(Date.now() + 100_000), unusedSeconds: null };
      await changeConsentEnd(stage.server.platform, OPERATOR, { ...parties(), end });
      const latest = Math.floor(end.until.getTime() / 1000);
      for (const token of [tokens.access_token, tokens.refresh_token]) {
        expect(JSON.parse(await introspected(stage, app, token)).exp).toBeLessThanOrEqual(latest);
      }
    });

    it('a refresh token lives on where the end was put off', async () => {
      await newcomer();
      const tokens = await allowed({ end: '1-hour' });
      const end = endOf('30-days', new Date());
      await changeConsentEnd(stage.server.platform, OPERATOR, { ...parties(), end });
      time = shiftTime(2 * 3_600);
      const renewed = issued(await refresh(stage, app, tokens.refresh_token));
      expect(renewed.expires_in).toBe(600);
    });

    it('withdrawn, everything stops and the person is asked again', async () => {
      await newcomer();
      const tokens = await allowed();
      await withdrawConsent(stage.server.platform, OPERATOR, parties());
      expect(await isActive(stage, tokens.access_token)).toBe(false);
      expect((await refresh(stage, app, tokens.refresh_token)).status).toBe(400);
      expect((await consentPage()).page.text).toContain('Allow Inkwell to use your account?');
    });
  });

  describe('without use', () => {
    it('introspection, userinfo and refresh count as use, a stranger’s question does not', async () => {
      await newcomer();
      const { platform } = stage.server;
      const tokens = await allowed();
      const lastUse = async () => {
        await writeLastUses(platform);
        const grant = await platform.db.grant.findFirst({ where: parties() });
        return grant?.lastUsedAt?.getTime() ?? 0;
      };
      const stranger = await newApp(platform, stage.api);
      const about = issued(await refresh(stage, app, tokens.refresh_token, { scope: 'openid email' }));
      for (const [use, counts] of [
        [() => isActive(stage, tokens.access_token), true],
        [() => userinfo(about.access_token), true],
        [() => refresh(stage, app, tokens.refresh_token), true],
        [() => isActive(stage, tokens.access_token, stranger), false],
      ] as const) {
        const before = await lastUse();
        await use();
        expect((await lastUse()) > before).toBe(counts);
      }
    });
  });

  it('remembers the browser it was given in', async () => {
    await newcomer();
    await allowed();
    const grant = await stage.server.platform.db.grant.findFirstOrThrow({ where: parties() });
    expect(grant.userAgent).toBe('node');
  });

  it('for an app of the house has no end to choose', async () => {
    await newcomer();
    const organizationId = await newOrganization(stage.server.platform, 'House');
    const house = await newApp(stage.server.platform, stage.api, { organizationId, firstParty: true });
    const page = await current.browser.open(authorizePath(house, { prompt: 'consent', scope: 'openid' }));
    expect(page.text).not.toMatch(/Access ends|We have not checked/);
    expect((await current.browser.submit(page, 'Allow')).location).toContain('code=');
  });
});
