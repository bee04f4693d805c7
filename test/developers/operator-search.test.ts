import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { searchClients } from '../../src/developers/clients/client-search.ts';
import { searchOrganizations } from '../../src/developers/organizations/organization-search.ts';
import { newId } from '../../src/platform/ids.ts';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import { HOSTILE_TEXTS } from '../support/hostile-texts.ts';
import { aClient, anOrganization } from '../support/developers.ts';
import { openTestPlatform } from '../support/platform.ts';

let platform: OpenPlatform;
let acme: string;
let rival: string;
beforeAll(async () => {
  platform = await openTestPlatform();
  acme = await anOrganization(platform, 'Acme 100%_wool');
  rival = await anOrganization(platform, 'Rival');
});
afterAll(() => platform.close());

const organizations = async (wish?: string) =>
  (await searchOrganizations(platform, { wish })).organizations.map(({ name }) => name);
const apps = async (wish?: string) =>
  (await searchClients(platform, { wish })).clients.map(({ name }) => name);

describe('the search for organizations', () => {
  it('finds by how words of the name begin, by id, and by a whole address alone', async () => {
    expect(await organizations('acme')).toEqual(['Acme 100%_wool']);
    expect(await organizations('woo AC')).toEqual(['Acme 100%_wool']);
    expect(await organizations('100%_')).toEqual(['Acme 100%_wool']);
    expect(await organizations('cme')).toEqual([]);
    expect(await organizations('acme rival')).toEqual([]);
    expect(await organizations('%')).toEqual([]);
    expect(await organizations(rival.toUpperCase())).toEqual(['Rival']);
    expect(await organizations(newId())).toEqual([]);
    const { accountId } = await platform.db.organizationMember.findFirstOrThrow({
      where: { organizationId: acme },
    });
    const { email } = await platform.db.account.findUniqueOrThrow({ where: { id: accountId } });
    expect(await organizations(email.toUpperCase())).toEqual(['Acme 100%_wool']);
    expect(await organizations(email.slice(2))).toEqual([]);
    expect(await organizations()).toEqual(['Rival', 'Acme 100%_wool']);
  });
});

describe('the search for apps', () => {
  it('finds by how words of the name begin, a look-alike, the client ID and the very host of a redirect', async () => {
    const { client } = await aClient(platform, acme, {
      name: 'Paper Planner',
      redirectUris: ['https://app.planner.example/callback', 'https://planner.example:8443/cb'],
    });
    await aClient(platform, rival, {
      name: 'Rival thing',
      redirectUris: ['https://rival.example/planner.example/', 'https://notplanner.example/cb'],
    });
    expect(await apps('planner')).toEqual(['Paper Planner']);
    expect(await apps('pl')).toEqual(['Paper Planner']);
    expect(await apps('Pаper P1anner')).toEqual(['Paper Planner']);
    expect(await apps(client.id)).toEqual(['Paper Planner']);
    expect(await apps('planner.example')).toEqual(['Paper Planner']);
    expect(await apps('APP.planner.example')).toEqual(['Paper Planner']);
    expect(await apps('rival.example')).toEqual(['Rival thing']);
    expect(await apps('example')).toEqual([]);
    expect((await apps()).sort()).toEqual(['Paper Planner', 'Rival thing']);
  });
});

it('whatever is searched for breaks nothing', async () => {
  for (const wish of [
    ...HOSTILE_TEXTS,
    '\\',
    "'",
    "' | 'a",
    ':* & !',
    '%%%',
    '(a+)+$',
    '\u0000',
    'x'.repeat(5_000),
  ]) {
    await organizations(wish);
    await apps(wish);
  }
});
