import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '../../../src/audit/actor.ts';
import { changeAppSettings } from '../../../src/developers/clients/app-settings.ts';
import { type ClientView, findClient } from '../../../src/developers/clients/client.ts';
import { deleteClient } from '../../../src/developers/clients/deletion.ts';
import { keyOlderNames } from '../../../src/developers/clients/older-names.ts';
import { addRedirectUri, changeRedirectUris } from '../../../src/developers/clients/redirect-changes.ts';
import { createClient, MOST_APPS_UNPROVEN } from '../../../src/developers/clients/registration.ts';
import { resumeClient, suspendClient } from '../../../src/developers/clients/suspension.ts';
import { newId } from '../../../src/platform/ids.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { aClient, anApi, anOrganization, ok, operator } from '../../support/developers.ts';
import { openTestPlatform } from '../../support/platform.ts';

let platform: OpenPlatform;
let acme: string;
let rival: string;
const member: Actor & { kind: 'account' } = { kind: 'account', id: newId() };

beforeAll(async () => {
  platform = await openTestPlatform();
  acme = await anOrganization(platform, 'Acme');
  rival = await anOrganization(platform, 'Rival');
});
afterAll(() => platform.close());

let made = 0;
async function anApp(overrides = {}): Promise<ClientView> {
  made += 1;
  return (await aClient(platform, acme, { name: `Planner ${made}`, ...overrides })).client;
}

async function verified(app: ClientView): Promise<ClientView> {
  const verifiedAt = platform.clock.now();
  await platform.db.client.update({
    where: { id: app.id },
    data: { verifiedAt, verifiedHost: 'acme.example' },
  });
  return app;
}

const now = async ({ id }: ClientView) => {
  const found = await findClient(platform, id);
  if (!found) throw new Error('the app is gone');
  return found;
};

const actionsOn = async (id: string) =>
  (await platform.db.auditEvent.findMany({ where: { targetId: id }, orderBy: { id: 'asc' } })).map(
    ({ action }) => action,
  );

const settingsOf = ({ name, scopes, resources }: ClientView) => ({
  ...{ name, homepageUri: '', privacyUri: '', termsUri: '' },
  ...{ scopes, resources },
});

describe('registering an app as a member', () => {
  const registering = (organizationId: string, name: string) =>
    createClient(platform, member, {
      ...{ organizationId, name, type: 'web' },
      redirectUris: ['http://localhost:3000/callback'],
    });

  it('starts it in development, however production would see its redirect', async () => {
    const organizationId = await anOrganization(platform);
    const { client } = ok(await registering(organizationId, 'Fresh Start'));
    expect(client).toMatchObject({ stage: 'development', firstParty: false, verifiedAt: null });
  });

  it('stops at three without a live one, also at the same moment', async () => {
    const organizationId = await anOrganization(platform);
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, i) => registering(organizationId, `Stock ${i}`)),
    );
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(MOST_APPS_UNPROVEN);
    expect(outcomes.find((outcome) => !outcome.ok)).toMatchObject({ reason: 'too-many' });
    await aClient(platform, organizationId, { name: 'The live one' });
    expect(await registering(organizationId, 'One more')).toMatchObject({ ok: true });
  });

  it.each([
    'Gatehouse',
    'G\u0430tehouse',
    'GATE HOUSE Login',
    'Gateh0use',
    'Admin',
    'Support Team',
    'Official Planner',
    'Verified Notes',
    'P\u0430ypal',
  ])('refuses the name %j', async (name) => {
    expect(await registering(rival, name)).toMatchObject({ ok: false, reason: 'name' });
  });

  it('refuses a name that looks like that of a live app of somebody else, not of an own one', async () => {
    await aClient(platform, acme, { name: 'Silver Wallet' });
    const organizationId = await anOrganization(platform);
    expect(await registering(organizationId, 'Si1ver VVallet')).toMatchObject({ reason: 'name' });
    await aClient(platform, organizationId, { name: 'Golden Wallet' });
    expect(await registering(organizationId, 'Golden Wallet')).toMatchObject({ ok: true });
  });

  it('protects apps of an older release as soon as their names have keys', async () => {
    const { client } = await aClient(platform, acme, { name: 'Bronze Wallet' });
    const older = { nameKey: '' };
    await platform.db.client.update({ where: { id: client.id }, data: older });
    const { client: signs } = await aClient(platform, acme, { name: 'Signs' });
    await platform.db.client.update({ where: { id: signs.id }, data: { ...older, name: '...' } });
    expect(await keyOlderNames(platform)).toBe(1);
    expect(await keyOlderNames(platform)).toBe(0);
    expect(await registering(rival, 'Br0nze Wallet')).toMatchObject({ reason: 'name' });
  });
});

describe('changing the redirect URIs of an app', () => {
  const added = 'https://app.example.com/second';

  it('adds one exactly as it is written, once', async () => {
    const app = await anApp();
    const wish = { organizationId: acme, clientId: app.id, uri: added };
    expect(await addRedirectUri(platform, member, wish)).toEqual({ ok: true, outcome: 'changed' });
    expect(await addRedirectUri(platform, member, wish)).toEqual({ ok: true, outcome: 'same' });
    expect((await now(app)).redirectUris).toEqual([...app.redirectUris, added]);
  });

  it('keeps all that are added at the same moment', async () => {
    const app = await anApp();
    const uris = Array.from({ length: 6 }, (_, i) => `https://app.example.com/${i}`);
    const outcomes = await Promise.all(
      uris.map((uri) => addRedirectUri(platform, member, { organizationId: acme, clientId: app.id, uri })),
    );
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    expect(new Set((await now(app)).redirectUris)).toEqual(new Set([...app.redirectUris, ...uris]));
  });

  it('does nothing to an app of another organization', async () => {
    const app = await anApp();
    const wish = { organizationId: rival, clientId: app.id };
    expect(await addRedirectUri(platform, member, { ...wish, uri: added })).toMatchObject({
      reason: 'client',
    });
    expect(
      await changeRedirectUris(platform, member, {
        ...wish,
        redirectUris: [added],
        postLogoutRedirectUris: [],
      }),
    ).toMatchObject({ reason: 'client' });
    expect((await now(app)).redirectUris).toEqual(app.redirectUris);
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'http://app.example.com/',
    'https://app.example.com/#x',
  ])('changes nothing where one of them is %s', async (hostile) => {
    const app = await anApp();
    const wish = { organizationId: acme, clientId: app.id };
    const outcomes = [
      await changeRedirectUris(platform, member, {
        ...wish,
        redirectUris: [added, hostile],
        postLogoutRedirectUris: [added],
      }),
      await changeRedirectUris(platform, member, {
        ...wish,
        redirectUris: [added],
        postLogoutRedirectUris: [hostile],
      }),
    ];
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: 'redirect-uri' });
    expect(await now(app)).toMatchObject({ redirectUris: app.redirectUris, postLogoutRedirectUris: [] });
  });

  it('takes the publisher verification away; other settings do not', async () => {
    const app = await verified(await anApp());
    const wish = { organizationId: acme, clientId: app.id };
    await changeAppSettings(platform, member, {
      ...wish,
      ...settingsOf(app),
      privacyUri: 'https://a.example/p',
    });
    expect((await now(app)).verifiedAt).not.toBeNull();
    await addRedirectUri(platform, member, { ...wish, uri: added });
    expect(await now(app)).toMatchObject({ verifiedAt: null, verifiedHost: null });
    expect(await actionsOn(app.id)).toContain('client.verification-lost');
  });

  it('is refused for a week after the second factor of a member was replaced', async () => {
    const app = await anApp();
    const account = await platform.db.account.findFirstOrThrow({});
    const frozenUntil = new Date(platform.clock.now().getTime() + 86_400_000);
    await platform.db.account.update({ where: { id: account.id }, data: { frozenUntil } });
    const actor = { kind: 'account', id: account.id } as const;
    const wish = { organizationId: acme, clientId: app.id };
    expect(await addRedirectUri(platform, actor, { ...wish, uri: added })).toMatchObject({
      reason: 'frozen',
    });
    expect(await deleteClient(platform, actor, { ...wish, typedName: app.name })).toMatchObject({
      reason: 'frozen',
    });
  });
});

describe('the settings of an app', () => {
  it('are changed together', async () => {
    const { api } = await anApi(platform, acme);
    const app = await verified(await anApp());
    const wishes = {
      ...{ name: 'Renamed Planner', homepageUri: 'https://planner.example' },
      ...{ privacyUri: ' https://planner.example/privacy ', termsUri: '' },
      ...{ scopes: ['notes:read'], resources: [String(api.identifier)] },
    };
    const outcome = await changeAppSettings(platform, member, {
      ...{ organizationId: acme, clientId: app.id },
      ...wishes,
    });
    expect(outcome).toEqual({ ok: true, outcome: 'changed' });
    expect(await now(app)).toMatchObject({
      ...wishes,
      ...{ homepageUri: 'https://planner.example/', privacyUri: 'https://planner.example/privacy' },
      ...{ termsUri: null, verifiedAt: null },
    });
  });

  it('say what ID tokens are signed with, and keep it where nothing is said', async () => {
    const app = await anApp();
    expect(app.idTokenAlgorithm).toBe('ES256');
    const wish = { organizationId: acme, clientId: app.id, ...settingsOf(app) };
    const change = (more: object = {}) => changeAppSettings(platform, member, { ...wish, ...more });
    expect(await change({ idTokenAlgorithm: 'RS256' })).toEqual({ ok: true, outcome: 'changed' });
    expect(await change({ idTokenAlgorithm: 'RS256' })).toEqual({ ok: true, outcome: 'same' });
    expect(await change()).toEqual({ ok: true, outcome: 'same' });
    expect((await now(app)).idTokenAlgorithm).toBe('RS256');
    const { metadata } = await platform.db.client.findUniqueOrThrow({ where: { id: app.id } });
    expect(metadata).toEqual({ id_token_signed_response_alg: 'RS256' });
  });

  const hostile = [
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\tscript:alert(1)',
    'data:text/html,<script>',
    'vbscript:x',
    'blob:https://planner.example/x',
    'http://planner.example',
    'ftp://planner.example',
    '//planner.example',
    'https:planner.example',
    'https://user@planner.example',
    'https://localhost/',
    'https://planner.example/"onmouseover=x',
    'https://planner.example/\u202e',
    'https://pl\u0430nner.example',
    `https://planner.example/${'x'.repeat(500)}`,
  ];
  it.each(hostile)('take no address like %j', async (address) => {
    const app = await anApp();
    for (const field of ['homepageUri', 'privacyUri', 'termsUri'] as const) {
      const outcome = await changeAppSettings(platform, member, {
        ...{ organizationId: acme, clientId: app.id },
        ...settingsOf(app),
        ...{ name: 'Never Taken', [field]: address },
      });
      expect(outcome, field).toMatchObject({ ok: false, reason: field });
    }
    expect(await now(app)).toMatchObject({ name: app.name, homepageUri: null, privacyUri: null });
  });
});

describe('suspending an app', () => {
  it('is undone by a member only where a member did it', async () => {
    const app = await anApp();
    await suspendClient(platform, member, app.id);
    expect(await resumeClient(platform, member, app.id)).toEqual({ ok: true, changed: true });
    await suspendClient(platform, member, app.id);
    expect(await suspendClient(platform, operator, app.id)).toEqual({ ok: true, changed: true });
    expect(await resumeClient(platform, member, app.id)).toMatchObject({ reason: 'operator' });
    expect((await now(app)).suspendedAt).not.toBeNull();
    expect(await resumeClient(platform, operator, app.id)).toEqual({ ok: true, changed: true });
  });
});

describe('deleting an app', () => {
  it('needs its name, typed', async () => {
    const app = await anApp();
    const wish = { organizationId: acme, clientId: app.id };
    expect(await deleteClient(platform, member, { ...wish, typedName: 'planner' })).toMatchObject({
      reason: 'name',
    });
    expect(
      await deleteClient(platform, member, { ...wish, organizationId: rival, typedName: app.name }),
    ).toMatchObject({ reason: 'client' });
    expect(await findClient(platform, app.id)).toBeDefined();
  });

  it('takes its secrets, grants and consents along, and is on record', async () => {
    const app = await anApp();
    const accountId = newId();
    const createdAt = platform.clock.now();
    const expiresAt = new Date(createdAt.getTime() + 86_400_000);
    const whose = { accountId, clientId: app.id };
    await platform.db.grant.create({
      data: { id: newId(), ...whose, endsWithSession: false, payload: {}, createdAt, expiresAt },
    });
    await platform.db.consent.create({
      data: { id: newId(), ...whose, resource: '', scopes: ['openid'], grantedAt: createdAt },
    });
    const wish = { organizationId: acme, clientId: app.id, typedName: app.name };
    expect(await deleteClient(platform, member, wish)).toEqual({ ok: true });
    expect(await findClient(platform, app.id)).toBeUndefined();
    expect(await platform.db.clientSecret.count({ where: { holderId: app.id } })).toBe(0);
    expect(await platform.db.consent.count({ where: whose })).toBe(0);
    expect(await platform.db.grant.count({ where: { ...whose, revokedAt: null } })).toBe(0);
    expect((await actionsOn(app.id)).at(-1)).toBe('client.deleted');
  });
});
