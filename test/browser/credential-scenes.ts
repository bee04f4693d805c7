import type { Page } from 'playwright-core';
import { createApi } from '../../src/developers/apis/api.ts';
import { changeAuthMethod } from '../../src/developers/clients/credentials/auth-method.ts';
import { addKeys } from '../../src/developers/clients/credentials/keys.ts';
import { createClient, type NewClient } from '../../src/developers/clients/registration.ts';
import { rotateSecret } from '../../src/developers/clients/credentials/secret-rotation.ts';
import { createSecret } from '../../src/developers/clients/credentials/secrets.ts';
import { createOrganization } from '../../src/developers/organizations/organization.ts';
import { aPublicKey } from '../support/assertions.ts';
import { withPointer } from '../support/browser.ts';
import { ok } from '../support/developers.ts';
import { newPerson, OPERATOR, type Person } from '../support/world.ts';
import type { Exhibition } from './exhibition.ts';
import { type Scenes, toAccountPage } from './scene-steps.ts';

/** What an app or API proves itself with. */
export const credentialScenes: Scenes = {
  credentials: async (page, world) => {
    const stand = await aStand(world);
    await withSecrets(world, stand);
    await toCredentials(page, world, stand);
  },
  'credentials-none': async (page, world) => toCredentials(page, world, await aStand(world, { type: 'spa' })),
  'credentials-keys': async (page, world) => {
    const stand = await aStand(world);
    await withKey(world, stand);
    const change = { holderId: stand.clientId, authMethod: 'private_key_jwt' } as const;
    ok(await changeAuthMethod(world.platform, OPERATOR, change));
    await toCredentials(page, world, stand);
    await page.getByText('How the app signs').click();
  },
  'credentials-api': async (page, world) => {
    const stand = await aStand(world);
    const named = { name: 'Acme Notes', identifier: `https://${crypto.randomUUID()}.example` };
    const { api } = ok(
      await createApi(world.platform, OPERATOR, { organizationId: stand.organizationId, ...named }),
    );
    await toAccountPage(page, world, `${homeOf(stand)}/apis/${api.id}/credentials`, stand.person);
  },
  'credential-secret-new-problems': async (page, world) => {
    await toCredentials(page, world, await aStand(world), '/secrets/new');
    await page.getByRole('textbox', { name: 'Label' }).fill('\u200b');
    await withPointer(page).press('Make the secret');
  },
  'credential-secret-made': async (page, world) => {
    await toCredentials(page, world, await aStand(world), '/secrets/new');
    await page.getByRole('textbox', { name: 'Label' }).fill('Production');
    await withPointer(page).press('Make the secret');
    await page.getByText('As environment variables').click();
  },
  'credential-rotation': async (page, world) => {
    const stand = await aStand(world);
    await toCredentials(page, world, stand, `/secrets/${await aSecretOf(world, stand)}/rotation`);
  },
  'credential-rotation-made': async (page, world) => {
    const stand = await aStand(world);
    await toCredentials(page, world, stand, `/secrets/${await aSecretOf(world, stand)}/rotation`);
    await page.getByRole('radio', { name: 'After 7 days' }).check();
    await withPointer(page).press('Replace it');
  },
  'credential-secret-end': async (page, world) => {
    const stand = await aStand(world);
    await toCredentials(page, world, stand, `/secrets/${await aSecretOf(world, stand)}/ending`);
  },
  'credential-key-new-problems': async (page, world) => {
    await toCredentials(page, world, await aStand(world), '/keys/new');
    await page.getByRole('textbox', { name: 'Label' }).fill('Production');
    await page.getByRole('textbox', { name: 'Public key' }).fill('{"kty":"EC","d":"secret"}');
    await withPointer(page).press('Add it');
  },
  'credential-key-end': async (page, world) => {
    const stand = await aStand(world);
    await toCredentials(page, world, stand, `/keys/${await withKey(world, stand)}/ending`);
  },
  'credential-key-address-problems': async (page, world) => {
    await toCredentials(page, world, await aStand(world), '/key-address');
    await page.getByRole('textbox').fill('http://planner.example/keys');
    await withPointer(page).press('Look there and save');
  },
  'credential-method-problems': async (page, world) => {
    await toCredentials(page, world, await aStand(world), '/method');
    await page.getByRole('radio', { name: /private_key_jwt/ }).check();
    await withPointer(page).press('Change it');
  },
};

interface Stand {
  readonly person: Person;
  readonly organizationId: string;
  readonly clientId: string;
}

async function aStand({ platform }: Exhibition, overrides: Partial<NewClient> = {}): Promise<Stand> {
  const person = await newPerson(platform);
  const input = { name: 'Paper & Pencil', ownerEmail: person.email };
  const { organization } = ok(await createOrganization(platform, OPERATOR, input));
  const organizationId = organization.id;
  const redirectUris = ['https://planner.example/callback'];
  const app = { organizationId, name: 'Planner', type: 'web', redirectUris, ...overrides } as const;
  const { client } = ok(await createClient(platform, OPERATOR, app));
  return { person, organizationId, clientId: client.id };
}

async function aSecretOf({ platform }: Exhibition, { clientId }: Stand): Promise<string> {
  const { id } = await platform.db.clientSecret.findFirstOrThrow({ where: { holderId: clientId } });
  return id;
}

/** One that is replaced and still in use, its successor, one with a long label and an end, and one that ended. */
async function withSecrets(world: Exhibition, stand: Stand): Promise<void> {
  const { platform } = world;
  const holderId = stand.clientId;
  const actor = { kind: 'account', id: stand.person.id } as const;
  const label = 'Pneumonoultramicroscopicsilicovolcanocon';
  ok(await createSecret(platform, actor, { holderId, label, days: 90 }));
  const secretId = await aSecretOf(world, stand);
  ok(await rotateSecret(platform, actor, { holderId, secretId, overlap: 'week', endsWhenSilent: true }));
  const lastUsedAt = new Date(platform.clock.now().getTime() + 1_000);
  await platform.db.clientSecret.updateMany({
    where: { id: secretId, holderId },
    data: { lastUsedAt, lastUsedFrom: '203.0.113.x' },
  });
  await withKey(world, stand);
}

async function withKey({ platform }: Exhibition, { clientId }: Stand): Promise<string> {
  const keys = JSON.stringify(aPublicKey());
  ok(await addKeys(platform, OPERATOR, { holderId: clientId, label: 'Production', keys }));
  return (await platform.db.clientKey.findFirstOrThrow({ where: { clientId } })).id;
}

const homeOf = ({ organizationId }: Stand) => `/developers/organizations/${organizationId}`;

async function toCredentials(page: Page, world: Exhibition, stand: Stand, below = ''): Promise<void> {
  const path = `${homeOf(stand)}/apps/${stand.clientId}/credentials${below}`;
  await toAccountPage(page, world, path, stand.person);
}
