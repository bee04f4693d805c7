import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadRegisteredClient } from '../../../../src/developers/clients/registered-client.ts';
import { rotateSecret } from '../../../../src/developers/clients/credentials/secret-rotation.ts';
import { digestOf } from '../../../../src/platform/crypto/secrets.ts';
import type { OpenPlatform } from '../../../../src/platform/platform.ts';
import { aClient, anApi, anOrganization, ok, operator } from '../../../support/developers.ts';
import { createPerson } from '../../../support/people.ts';
import { openTestPlatform } from '../../../support/platform.ts';

let platform: OpenPlatform;
let acme: string;

beforeAll(async () => {
  platform = await openTestPlatform();
  acme = await anOrganization(platform);
});
afterAll(() => platform.close());

const liveDigests = async (id: string) => (await loadRegisteredClient(platform, id))?.secretDigests;

it('after a rotation only the new secret of an app is live', async () => {
  const { client, issued: old } = await aClient(platform, acme);
  expect(await liveDigests(client.id)).toEqual([digestOf(String(old?.secret))]);
  const { issued } = ok(await rotateSecret(platform, operator, { holderId: client.id }));
  expect(issued.secret).not.toBe(old?.secret);
  expect(await liveDigests(client.id)).toEqual([digestOf(issued.secret)]);
});

it('an API rotates its secret the same way', async () => {
  const { api, issued: old } = await anApi(platform, acme);
  const { issued } = ok(await rotateSecret(platform, operator, { holderId: api.clientId }));
  expect(issued.secret).not.toBe(old.secret);
  expect(await liveDigests(api.clientId)).toEqual([digestOf(issued.secret)]);
  const events = await platform.db.auditEvent.findMany({
    where: { targetId: api.id },
    orderBy: { id: 'asc' },
  });
  expect(events.map(({ action }) => action)).toEqual(['api.created', 'client-secret.rotated']);
});

it('of many rotations at once one secret remains', async () => {
  const { client } = await aClient(platform, acme);
  const outcomes = await Promise.all(
    Array.from({ length: 8 }, () => rotateSecret(platform, operator, { holderId: client.id })),
  );
  const digests = outcomes.map((outcome) => digestOf(ok(outcome).issued.secret));
  const live = (await liveDigests(client.id)) ?? [];
  expect(live).toHaveLength(1);
  expect(digests).toContainEqual(live[0]);
});

it('a rotation of one app leaves the others alone', async () => {
  const { client, issued } = await aClient(platform, acme);
  const { client: neighbour } = await aClient(platform, acme);
  ok(await rotateSecret(platform, operator, { holderId: neighbour.id }));
  expect(await liveDigests(client.id)).toEqual([digestOf(String(issued?.secret))]);
});

it('an app without a secret cannot rotate it', async () => {
  const { client } = await aClient(platform, acme, { type: 'spa' });
  expect(await rotateSecret(platform, operator, { holderId: client.id })).toMatchObject({
    ok: false,
    reason: 'auth-method',
  });
});

it.each(['app_22222222222222222222', 'api_22222222222222222222', '', '\0'])(
  'nobody rotates for %j',
  async (id) => {
    expect(await rotateSecret(platform, operator, { holderId: id })).toMatchObject({
      ok: false,
      reason: 'holder',
    });
  },
);

it('an account whose factor was replaced changes no secret for a week, and others still do', async () => {
  const { client, issued } = await aClient(platform, acme);
  const { id } = await createPerson(platform);
  const actor = { kind: 'account', id } as const;
  const until = new Date(platform.clock.now().getTime() + 60_000);
  await platform.pool.query('UPDATE accounts SET frozen_until = $1 WHERE id = $2', [until, id]);
  expect(await rotateSecret(platform, actor, { holderId: client.id })).toMatchObject({
    ok: false,
    reason: 'frozen',
  });
  expect(await liveDigests(client.id)).toEqual([digestOf(String(issued?.secret))]);
  await platform.pool.query('UPDATE accounts SET frozen_until = now() WHERE id = $1', [id]);
  ok(await rotateSecret(platform, actor, { holderId: client.id }));
});
