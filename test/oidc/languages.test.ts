import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../src/main.ts';
import { relyingParty } from '../support/relying-party.ts';
import { startTestServer } from '../support/server.ts';
import { type Page, Visitor } from '../support/visitor.ts';
import { type App, codeOf, newApi, newApp, newPerson } from '../support/world.ts';

const languageOf = ({ html }: Page) => /<html lang="([^"]+)"/.exec(html)?.[1];

describe('ui_locales', () => {
  let server: RunningServer;
  let app: App;
  beforeAll(async () => {
    server = await startTestServer();
    app = await newApp(server.platform, await newApi(server.platform));
  });
  afterAll(() => server.stop());

  it('is spoken from the sign-in to the consent', async () => {
    const person = await newPerson(server.platform);
    const party = await relyingParty(server.url, app);
    const visitor = new Visitor(server.url);
    const signIn = await visitor.open((await party.request({ ui_locales: 'xx ar en' })).url);
    const { email, password } = person;
    const second = await visitor.submit(signIn, 'تسجيل الدخول', { email, password });
    const consent = await visitor.submit(second, 'متابعة', { code: await codeOf(person) });
    expect([signIn, second, consent].map(languageOf)).toEqual(['ar', 'ar', 'ar']);
    expect(consent.forms.flatMap(({ buttons }) => buttons.map(({ text }) => text))).toContain('السماح');
    const signOut = await visitor.open(`/session/end?client_id=${app.clientId}&ui_locales=de`);
    expect(languageOf(signOut)).toBe('de');
  });

  it('is spoken on the page about a request that does not work', async () => {
    const page = await new Visitor(server.url).open('/authorize?client_id=nobody&ui_locales=de');
    expect([page.status, languageOf(page)]).toEqual([400, 'de']);
    expect(page.text).toContain('Wir kennen die App nicht');
  });

  it.each(['xx', '', 'de\'"><script>', 'x'.repeat(1500)])(
    '%# changes nothing where it is no language',
    async (value) => {
      const query = new URLSearchParams({ client_id: 'nobody', ui_locales: value });
      const page = await new Visitor(server.url).open(`/authorize?${query}`);
      expect([page.status, languageOf(page)]).toEqual([400, 'en']);
      expect(page.html).not.toContain('<script>');
    },
  );
});
