import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeScope } from '../../src/developers/apis/scopes/scope-changes.ts';
import { changeEndOfApp, findConnectedApp } from '../../src/oidc/connected-apps.ts';
import { liveConsents } from '../../src/tokens/consents.ts';
import { type App, newApp, OPERATOR } from '../support/world.ts';
import { authorizePath, openStage, type Stage } from './stage.ts';

const DAYS_90 = 90 * 86_400_000;

describe('a consent to something sensitive', () => {
  let stage: Stage;
  let app: App;
  beforeAll(async () => {
    stage = await openStage();
    app = await newApp(stage.server.platform, stage.api, { name: 'Inkwell' });
    const sensitive = { name: 'notes:write', sensitivity: 'sensitive' } as const;
    const changed = { apiIdentifier: stage.api.identifier, ...sensitive };
    expect((await changeScope(stage.server.platform, OPERATOR, changed)).ok).toBe(true);
  });
  afterAll(() => stage.server.stop());

  const parties = () => ({ accountId: stage.person.id, clientId: app.clientId });
  const endsIn = async () => {
    const [consent] = await liveConsents(stage.server.platform, stage.person.id, app.clientId);
    return consent?.until ? consent.until.getTime() - Date.now() : Number.POSITIVE_INFINITY;
  };
  const consentPage = (scope: string) => stage.browser.open(authorizePath(app, { scope }));

  it('follows one that had no end with one of 90 days, whatever the form says', async () => {
    const basic = await consentPage('openid notes:read');
    expect(basic.html).toContain('value="until-removed"');
    await stage.browser.submit(basic, 'Allow', { end: 'until-removed' });
    expect(await endsIn()).toBe(Number.POSITIVE_INFINITY);
    const page = await consentPage('openid notes:read notes:write');
    expect(page.text).toContain('Access ends after 90 days.');
    for (const far of ['as-before', 'until-removed', 'unused-90-days'])
      expect(page.html).not.toContain(`value="${far}"`);
    await stage.browser.submit(page, 'Allow', { end: 'until-removed' });
    expect(await endsIn()).toBeLessThanOrEqual(DAYS_90);
  });

  it('cannot be put off further in the account', async () => {
    const { platform } = stage.server;
    const connected = await findConnectedApp(platform, parties());
    expect(connected?.endChoices).toEqual(['1-hour', '1-day', '30-days', '90-days']);
    const actor = { kind: 'account', id: stage.person.id } as const;
    for (const choice of ['until-removed', 'unused-90-days'] as const)
      expect(await changeEndOfApp(platform, actor, { ...parties(), choice })).toBe(false);
    const page = await stage.browser.open(`/account/apps/${app.clientId}/end`);
    expect(page.html).not.toContain('value="until-removed"');
    const refused = await stage.browser.submit(page, 'Change the end', { end: 'until-removed' });
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('Choose one of the ends.')]);
    expect(await endsIn()).toBeLessThanOrEqual(DAYS_90);
    const done = await stage.browser.submit(page, 'Change the end', { end: '30-days' });
    expect(done.text).toContain('The new end is in force.');
    expect(await endsIn()).toBeLessThanOrEqual(DAYS_90 / 3);
  });

  it('may keep its near end when the app asks for more', async () => {
    const page = await consentPage('openid email notes:read');
    expect(page.forms[0]?.fields.get('end')).toBe('as-before');
    expect(page.html).not.toContain('value="until-removed"');
  });
});
