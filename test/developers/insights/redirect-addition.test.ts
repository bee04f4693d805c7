import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createOrganization } from '../../../src/developers/organizations/organization.ts';
import { addTester } from '../../../src/developers/clients/testers.ts';
import { findClient } from '../../../src/developers/clients/client.ts';
import { writeRequests } from '../../../src/developers/insights/request-log.ts';
import { listRequests } from '../../../src/developers/insights/request-search.ts';
import { anotherPerson, authorizePath } from '../../oidc/stage.ts';
import { PATIENCE } from '../../support/patience.ts';
import { OPERATOR } from '../../support/world.ts';
import { Visitor } from '../../support/visitor.ts';
import { type InspectorStage, openInspectorStage, untilShown } from './inspector-stage.ts';

let stage: InspectorStage;

beforeAll(async () => {
  stage = await openInspectorStage();
});
afterAll(() => stage.server.stop());

const refusedFor = (redirectUri: string, browser: Visitor = stage.browser, headers = {}) =>
  browser.open(authorizePath(stage.app, { redirect_uri: redirectUri }), { headers });

/** Until the inspector has the call that came under this id. */
const untilKept = (requestId: string) =>
  vi.waitFor(async () => {
    const { platform } = stage.server;
    await writeRequests(platform);
    const { requests } = await listRequests(platform, stage.app.clientId, { requestId });
    expect(requests).toHaveLength(1);
  }, PATIENCE);

const urisOf = async () => (await findClient(stage.server.platform, stage.app.clientId))?.redirectUris;

it('a member is shown the difference on the error page, and adds the URI exactly as it was sent', async () => {
  const sent = 'http://localhost:4321/other-callback?tenant=1';
  const error = await refusedFor(sent);
  expect(error.status).toBe(400);
  expect(error.text).toContain('For you, who make this app');
  expect(error.text).toMatch(/Registered http:\/\/localhost:4321\/\s*callback/);
  const href = String(error.links.get('Add this URI'));
  expect(href).toContain(String(error.headers.get('X-Request-Id')));
  expect(href).not.toContain('other-callback');
  const page = await untilShown(
    stage,
    () => stage.browser.open(href),
    ({ status }) => status === 200,
  );
  expect(page.text).toContain(sent);
  const after = await stage.browser.submit(page, 'Add this URI', {}, { follow: false });
  expect(after).toMatchObject({
    status: 303,
    location: expect.stringContaining('redirect-uris?done=changed'),
  });
  expect(await urisOf()).toEqual([stage.app.redirectUri, sent]);
  // The engine reads a client again after half a second.
  const works = await untilShown(
    stage,
    () => refusedFor(sent),
    ({ text }) => !text.includes('does not work'),
  );
  expect(works.text).not.toContain('does not work');
});

it('an international name is shown as it is written and as it reads', async () => {
  const error = await refusedFor('https://xn--pple-43d.com/callback');
  const page = await untilShown(
    stage,
    () => stage.browser.open(String(error.links.get('Add this URI'))),
    ({ status }) => status === 200,
  );
  expect(page.text).toContain('https://xn--pple-43d.com/callback');
  expect(page.text).toContain('In letters it reads аpple.com');
});

it('what may not be registered is refused here as anywhere, and nothing is added', async () => {
  const before = await urisOf();
  for (const uri of [
    'javascript:alert(1)',
    'https://app.example.com/\u202ecb',
    'http://app.example.com/cb',
  ]) {
    const error = await refusedFor(uri);
    const page = await untilShown(
      stage,
      () => stage.browser.open(String(error.links.get('Add this URI'))),
      ({ status }) => status === 200,
    );
    const refused = await stage.browser.submit(page, 'Add this URI');
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('It cannot be added');
  }
  expect(await urisOf()).toEqual(before);
});

it('a URI that a stranger sent cannot be added, whatever request id they chose', async () => {
  const stranger = new Visitor(stage.issuer);
  const id = 'chosen-by-a-stranger';
  const error = await refusedFor('https://stranger.example/', stranger, { 'X-Request-Id': id });
  expect(error.text).not.toContain('For you, who make this app');
  expect(error.text).not.toContain(stage.app.redirectUri);
  await untilKept(id);
  const page = await stage.browser.open(`${stage.home}/redirect-uris/additions?request=${id}`);
  expect(page.status).toBe(404);
  expect(page.forms.some(({ buttons }) => buttons.some(({ text }) => text === 'Add this URI'))).toBe(false);
});

it('whoever belongs to another organization sees what everybody sees', async () => {
  const { person, browser } = await anotherPerson(stage);
  await createOrganization(stage.server.platform, OPERATOR, { name: 'Rival', ownerEmail: person.email });
  const error = await refusedFor('https://rival.example/', browser);
  expect(error.text).not.toContain('For you, who make this app');
  expect(error.text).not.toContain(stage.app.redirectUri);
  const additions = await browser.open(`${stage.home}/redirect-uris/additions?request=chosen-by-a-stranger`);
  expect(additions.status).toBe(404);
});

it('a URI that a tester of the app sent cannot be added either: a tester is none of its makers', async () => {
  const { person, browser } = await anotherPerson(stage);
  const { platform } = stage.server;
  const { id: accountId } = await platform.db.account.findFirstOrThrow({ where: { email: person.email } });
  await addTester(platform, OPERATOR, { clientId: stage.app.clientId, accountId });
  const id = 'chosen-by-a-tester';
  await refusedFor('https://tester.example/', browser, { 'X-Request-Id': id });
  await untilKept(id);
  const page = await stage.browser.open(`${stage.home}/redirect-uris/additions?request=${id}`);
  expect(page.status).toBe(404);
});
