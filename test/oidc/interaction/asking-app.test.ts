import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeLogo } from '../../../src/developers/clients/logo.ts';
import { addRedirectUri } from '../../../src/developers/clients/redirect-changes.ts';
import { ok } from '../../support/developers.ts';
import { allow, callbackOf } from '../../support/relying-party.ts';
import { type App, newApp, OPERATOR } from '../../support/world.ts';
import { authorizePath, openStage, type Stage } from '../stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.server.stop());

const platform = () => stage.server.platform;
const of = ({ clientId }: App) => ({ organizationId: stage.api.organizationId, clientId });

/** Half a second after a change, every process has read it. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 600));

async function consentPage(app: App) {
  return stage.browser.open(authorizePath(app, { prompt: 'consent' }));
}

describe('the consent page', () => {
  it('says that nobody checked the app, and nothing else by default', async () => {
    const { text } = await consentPage(await newApp(platform(), stage.api));
    expect(text).toContain('We have not checked who runs it');
    expect(text).not.toContain('still being developed');
  });

  it('shows logo, checked publisher, privacy notice and terms', async () => {
    const app = await newApp(platform(), stage.api);
    const png = await sharp({ create: { width: 40, height: 40, channels: 3, background: '#1f5c4d' } })
      .png()
      .toBuffer();
    ok(await changeLogo(platform(), OPERATOR, { ...of(app), file: png }));
    await platform().db.client.update({
      where: { id: app.clientId },
      data: {
        ...{ verifiedAt: platform().clock.now(), verifiedHost: 'paper.example' },
        ...{ privacyUri: 'https://paper.example/privacy', termsUri: 'https://paper.example/terms' },
      },
    });
    const page = await consentPage(app);
    expect(page.text).toContain('Publisher checked by us on');
    expect(page.text).toContain('paper.example');
    expect(page.text).not.toContain('not checked');
    expect(page.links.get('Privacy notice of Notebook')).toBe('https://paper.example/privacy');
    expect(page.links.get('Terms of Notebook')).toBe('https://paper.example/terms');
    const logo = /src="(\/logos\/[0-9a-f]{64}\.png)"/.exec(page.html)?.[1];
    const picture = await fetch(new URL(String(logo), stage.issuer));
    expect(picture.status).toBe(200);
    expect(picture.headers.get('content-type')).toBe('image/png');
    expect(picture.headers.get('x-content-type-options')).toBe('nosniff');
    expect(picture.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(picture.headers.get('cache-control')).toContain('immutable');
  });

  it('marks an app in development, for its own team', async () => {
    const app = await newApp(platform(), stage.api, { stage: 'development' });
    const createdAt = platform().clock.now();
    const tester = { clientId: app.clientId, accountId: stage.person.id, createdAt };
    await platform().db.clientTester.create({ data: tester });
    expect((await consentPage(app)).text).toContain('still being developed');
  });
});

describe('whoever allowed an app', () => {
  it('is not asked again while it stays as it was', async () => {
    const app = await newApp(platform(), stage.api);
    await allow(stage.browser, await stage.browser.open(authorizePath(app)));
    expect(callbackOf(await stage.browser.open(authorizePath(app)))).toHaveProperty('code');
  });

  it('is asked again, once, when its redirects have changed, and is told why', async () => {
    const app = await newApp(platform(), stage.api);
    await allow(stage.browser, await stage.browser.open(authorizePath(app)));
    ok(await addRedirectUri(platform(), OPERATOR, { ...of(app), uri: 'http://localhost:4321/other' }));
    await settled();
    const silent = await stage.browser.open(authorizePath(app, { prompt: 'none' }));
    expect(callbackOf(silent)).toMatchObject({ error: 'consent_required' });
    const again = await stage.browser.open(authorizePath(app));
    expect(again.text).toContain('has changed its name, its logo or where it sends you');
    expect(callbackOf(await allow(stage.browser, again))).toHaveProperty('code');
    expect(callbackOf(await stage.browser.open(authorizePath(app)))).toHaveProperty('code');
  });

  it('decides on what was shown: a logo changed meanwhile makes the page come again', async () => {
    const app = await newApp(platform(), stage.api);
    const page = await consentPage(app);
    const png = await sharp({ create: { width: 9, height: 9, channels: 3, background: '#a02a23' } })
      .png()
      .toBuffer();
    ok(await changeLogo(platform(), OPERATOR, { ...of(app), file: png }));
    await settled();
    expect((await allow(stage.browser, page)).status).toBe(403);
  });
});
