import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signInPath } from '../../../src/accounts/sign-in/sign-in-ticket.ts';
import { clockAt } from '../../support/clock.ts';
import { createPerson, signInThroughForms } from '../../support/people.ts';
import { startTestServer } from '../../support/server.ts';
import { type Page, Visitor } from '../../support/visitor.ts';

const clock = clockAt();
let server: Awaited<ReturnType<typeof startTestServer>>;
beforeAll(async () => {
  server = await startTestServer({ clock });
});
afterAll(() => server.stop());

const languageOf = ({ html }: Page) => /<html lang="([^"]+)" dir="([^"]+)">/.exec(html)?.slice(1);
const accepting = (languages: string) => ({ headers: { 'Accept-Language': languages } });

describe('the language of a page', () => {
  it('is what the browser prefers, from right to left where it runs so', async () => {
    const visitor = new Visitor(server.url);
    expect(languageOf(await visitor.open('/sign-in'))).toEqual(['en', 'ltr']);
    expect(languageOf(await visitor.open('/sign-in', accepting('de-AT, en;q=0.5')))).toEqual(['de', 'ltr']);
    expect(languageOf(await visitor.open('/nowhere', accepting('ar')))).toEqual(['ar', 'rtl']);
  });

  it('is what the app asked for that sent the person here, before anything else', async () => {
    const visitor = new Visitor(server.url);
    const path = signInPath(server.platform, { returnTo: '/account', locale: 'xx ar' });
    const page = await visitor.open(path, accepting('de'));
    expect(languageOf(page)).toEqual(['ar', 'rtl']);
    const choice = await visitor.open(
      String([...page.links.values()].find((link) => link.startsWith('/language'))),
    );
    const after = await visitor.submit(choice, 'English');
    expect(languageOf(after), 'unless the person says otherwise').toEqual(['en', 'ltr']);
    expect(new URL(after.url).pathname).toBe('/sign-in');
  });

  it('is also what the letters of a sign-up speak', async () => {
    const visitor = new Visitor(server.url);
    const email = 'neu@example.org';
    const entries = { name: 'Anna Berg', email, password: 'violet kettle under moss' };
    const form = await visitor.open('/sign-up', accepting('de'));
    const next = await visitor.submit(form, 'Konto erstellen', entries, accepting('de'));
    expect(new URL(next.url).pathname).toBe('/sign-up/verification');
    const { text } = await visitor.open('/mailbox');
    expect(text).toMatch(/ist Ihr Bestätigungscode für Gatehouse .*To neu@example\.org/);
  });

  it('can be chosen without signing in, and leads back to where the choice was made', async () => {
    const visitor = new Visitor(server.url);
    const page = await visitor.open('/sign-up');
    const choice = await visitor.open(String(page.links.get('Language')));
    const after = await visitor.submit(choice, 'Deutsch');
    expect([new URL(after.url).pathname, languageOf(after)]).toEqual(['/sign-up', ['de', 'ltr']]);
    expect(languageOf(await visitor.open('/', accepting('ar')))).toEqual(['de', 'ltr']);
  });

  it('leads nowhere else', async () => {
    const visitor = new Visitor(server.url);
    for (const from of ['//evil.example', 'https://evil.example/', '/\\evil.example']) {
      const choice = await visitor.open(`/language?from=${encodeURIComponent(from)}`);
      expect(choice.html).not.toContain('evil.example');
      const after = await visitor.post(
        `/language?from=${encodeURIComponent(from)}`,
        {
          form_token: choice.forms[0]?.fields.get('form_token') ?? '',
          language: 'de',
        },
        { follow: false },
      );
      expect(after.location).toBe(`${server.url}/`);
    }
  });

  it('takes no language that does not exist, and no form of another site', async () => {
    const visitor = new Visitor(server.url);
    const choice = await visitor.open('/language');
    const form_token = choice.forms[0]?.fields.get('form_token') ?? '';
    const after = await visitor.post('/language', { form_token, language: '../en' });
    expect([new URL(after.url).pathname, languageOf(after)]).toEqual(['/language', ['en', 'ltr']]);
    expect((await visitor.post('/language', { form_token: 'x', language: 'de' })).status).toBe(403);
    const foreign = { referrer: 'https://evil.example' };
    expect((await visitor.post('/language', { form_token, language: 'de' }, foreign)).status).toBe(403);
  });

  it('is kept with the account of whoever is signed in, for other browsers and for letters', async () => {
    const person = await createPerson(server.platform);
    const visitor = new Visitor(server.url);
    await signInThroughForms(visitor, await visitor.open('/sign-in'), person);
    await visitor.submit(await visitor.open('/language?from=/account'), 'العربية');
    const { platform } = server;
    const account = await platform.db.account.findFirst({ where: { email: person.email } });
    expect(account?.locale).toBe('ar');
    visitor.cookies.set(server.url, 'gatehouse_language', undefined);
    const methods = ['passkeys', 'authenticators', 'recovery-codes'].map(
      (name) => `/account/sign-in-methods/${name}`,
    );
    for (const path of ['/account', '/account/apps', '/account/tokens', ...methods])
      expect(languageOf(await visitor.open(path, accepting('de'))), path).toEqual(['ar', 'rtl']);
    const events = await platform.db.auditEvent.findMany({ where: { action: 'account.language-chosen' } });
    expect(events.map(({ targetId, details }) => [targetId, details])).toEqual([
      [account?.id, { locale: 'ar' }],
    ]);
  });
});
