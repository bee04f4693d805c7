import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grantAccess } from '../../src/developers/access/access.ts';
import { changeScope } from '../../src/developers/apis/scopes/scope-changes.ts';
import { HOSTILE_MARKUP, HOSTILE_TEXTS } from '../support/hostile-texts.ts';
import { ok } from '../support/developers.ts';
import { newApp, newOrganization, OPERATOR } from '../support/world.ts';
import { authorize, authorizePath, openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 60_000);
afterAll(() => stage.server.stop());

/** An app of another organization, which people are asked about. */
async function askingApp() {
  const { platform } = stage.server;
  const organizationId = await newOrganization(platform, 'Paper Works');
  const app = await newApp(platform, stage.api, { organizationId });
  const access = { clientId: app.clientId, apiIdentifier: stage.api.identifier, origin: 'operator' } as const;
  ok(await grantAccess(platform, OPERATOR, { ...access, scopes: ['notes:read'] }));
  return app;
}

const describeScope = (wishes: { description?: string; sentences?: Record<string, string> }) =>
  changeScope(stage.server.platform, OPERATOR, {
    apiIdentifier: stage.api.identifier,
    name: 'notes:read',
    ...wishes,
  });

describe('the sentence of a scope', () => {
  it('is read in the language of the person, on consent and among the connected apps', async () => {
    ok(await describeScope({ sentences: { de: 'Deine Notizen lesen' } }));
    const app = await askingApp();
    const asked = (locale: string) => stage.browser.open(authorizePath(app, { ui_locales: locale }));
    expect((await asked('ar')).text).toContain('Read your notes');
    const page = await asked('de');
    expect(page.text).toContain('Deine Notizen lesen');
    expect(page.text).not.toContain('Read your notes');
    // The list that was shown is the list that is allowed: the same form in the same language.
    const button = page.forms.flatMap(({ buttons }) => buttons).find(({ value }) => value === 'allow');
    expect((await stage.browser.submit(page, String(button?.text))).location).toContain('code=');
    const headers = { 'Accept-Language': 'de' };
    expect((await stage.browser.open('/account/apps', { headers })).text).toContain('Deine Notizen lesen');
  });

  it('asks anew where it changed while the page was open', async () => {
    const app = await askingApp();
    const page = await stage.browser.open(authorizePath(app, { ui_locales: 'en' }));
    ok(await describeScope({ description: 'Read all of your notes' }));
    expect((await stage.browser.submit(page, 'Allow')).status).toBe(403);
  });

  it('is shown as text on the consent page, whatever it is', async () => {
    for (const text of HOSTILE_TEXTS.filter((_, at) => at % 40 === 0)) {
      ok(await describeScope({ description: text.slice(0, 120) }));
      const page = await stage.browser.open(authorizePath(await askingApp(), { ui_locales: 'en' }));
      expect(page.text).toContain('Allow');
      expect(page.html).not.toMatch(HOSTILE_MARKUP);
    }
    ok(await describeScope({ description: 'Read your notes' }));
    expect((await authorize(stage, await askingApp())).location).toContain('code=');
  });
});
