import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeAppSettings } from '../../../src/developers/clients/app-settings.ts';
import { changeAuthMethod } from '../../../src/developers/clients/credentials/auth-method.ts';
import { addKeys, endKey, liveKeys } from '../../../src/developers/clients/credentials/keys.ts';
import { rotateSecret } from '../../../src/developers/clients/credentials/secret-rotation.ts';
import { createSecret } from '../../../src/developers/clients/credentials/secrets.ts';
import { removeLogo } from '../../../src/developers/clients/logo.ts';
import { addRedirectUri, changeRedirectUris } from '../../../src/developers/clients/redirect-changes.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { aPublicKey } from '../../support/assertions.ts';
import { aClient, anOrganization, ok, operator } from '../../support/developers.ts';
import { createPerson } from '../../support/people.ts';
import { openTestPlatform } from '../../support/platform.ts';

let platform: OpenPlatform;
beforeAll(async () => {
  platform = await openTestPlatform();
});
afterAll(() => platform.close());

it('a sponsor cannot send the people of a sponsored app anywhere else, nor give it another face; an operator can', async () => {
  const acme = await anOrganization(platform);
  const { client } = await aClient(platform, acme);
  await platform.db.client.update({ where: { id: client.id }, data: { sponsored: true } });
  const owner = { kind: 'account', id: (await createPerson(platform)).id } as const;
  const of = { organizationId: acme, clientId: client.id };
  const uri = 'https://sponsor.example/callback';
  const settings = { name: 'Mine', homepageUri: '', privacyUri: '', termsUri: '', scopes: [], resources: [] };
  const attempts = [
    addRedirectUri(platform, owner, { ...of, uri }),
    changeRedirectUris(platform, owner, { ...of, redirectUris: [uri], postLogoutRedirectUris: [] }),
    changeAppSettings(platform, owner, { ...of, ...settings }),
    removeLogo(platform, owner, of),
  ];
  for (const attempt of attempts) expect(await attempt).toMatchObject({ ok: false, reason: 'sponsored' });
  const { redirectUris, name } = await platform.db.client.findUniqueOrThrow({ where: { id: client.id } });
  expect({ redirectUris, name }).toEqual({ redirectUris: client.redirectUris, name: client.name });
  ok(await addRedirectUri(platform, operator, { ...of, uri }));
});

it('a sponsor can end what its sponsored app has, and add nothing to speak for it with', async () => {
  const acme = await anOrganization(platform);
  const { client } = await aClient(platform, acme, { authMethod: 'private_key_jwt' });
  const holderId = client.id;
  const keys = JSON.stringify(aPublicKey());
  ok(await addKeys(platform, operator, { holderId, label: 'Its own', keys }));
  await platform.db.client.update({ where: { id: holderId }, data: { sponsored: true } });
  const owner = { kind: 'account', id: (await createPerson(platform)).id } as const;
  const attempts = [
    createSecret(platform, owner, { holderId, label: 'Mine', days: null }),
    rotateSecret(platform, owner, { holderId }),
    addKeys(platform, owner, { holderId, label: 'Mine', keys: JSON.stringify(aPublicKey()) }),
    changeAuthMethod(platform, owner, { holderId, authMethod: 'client_secret_basic' }),
  ];
  for (const attempt of attempts) expect(await attempt).toMatchObject({ ok: false, reason: 'sponsored' });
  const [key, ...more] = await liveKeys(platform, holderId);
  expect(more).toEqual([]);
  ok(await endKey(platform, owner, { holderId, keyId: String(key?.id) }));
});
