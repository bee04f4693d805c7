import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approveApi, listWaitingApis, refuseApi } from '../../../src/developers/apis/approval.ts';
import { findApi, registerApi } from '../../../src/developers/apis/api.ts';
import { loadAccessInputs } from '../../../src/developers/access/access-inputs.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { waitingLetters } from '../../../src/platform/mail/outbox.ts';
import { newId } from '../../../src/platform/ids.ts';
import { aClient, anApi, anOrganization, ok, operator } from '../../support/developers.ts';
import { openTestPlatform } from '../../support/platform.ts';

const member = { kind: 'account', id: newId() } as const;
let platform: OpenPlatform;
let acme: string;
let rival: string;

beforeAll(async () => {
  platform = await openTestPlatform();
  acme = await anOrganization(platform);
  rival = await anOrganization(platform, 'Rival');
});
afterAll(() => platform.close());

const claim = async (identifier: string, organizationId = acme) =>
  ok(await registerApi(platform, member, { organizationId, identifier, name: 'Notes' })).api;

describe('an API whose host nobody has proven', () => {
  it('waits: the protocol does not know it, and its name is free for its owner', async () => {
    const waiting = await claim('https://squatted.example', rival);
    expect(waiting).toMatchObject({ approved: false, identifier: 'https://squatted.example' });
    const { client } = await aClient(platform, rival);
    expect(await loadAccessInputs(platform, client.id, 'https://squatted.example')).toBeUndefined();
    const { api } = await anApi(platform, acme, { identifier: 'https://squatted.example' });
    expect(api.approved).toBe(true);
    expect(await approveApi(platform, operator, { api: waiting.id })).toMatchObject({ reason: 'taken' });
    expect((await findApi(platform, 'https://squatted.example/'))?.organizationId).toBe(acme);
  });

  it('gets its identifier by an operator, and its owners a letter', async () => {
    const waiting = await claim('https://waits.example');
    expect((await listWaitingApis(platform)).map(({ id }) => id)).toContain(waiting.id);
    const { api } = ok(await approveApi(platform, operator, { api: waiting.clientId }));
    expect(api).toMatchObject({ id: waiting.id, approved: true, identifier: 'https://waits.example' });
    expect(ok(await approveApi(platform, operator, { api: waiting.id })).api.approved).toBe(true);
    const letters = await waitingLetters(platform);
    expect(letters.filter(({ text }) => text.includes('was approved'))).toHaveLength(1);
  });

  it('is given to one of two that claim it at the same moment', async () => {
    const claims = [await claim('https://raced.example'), await claim('https://raced.example', rival)];
    const outcomes = await Promise.all(claims.map(({ id }) => approveApi(platform, operator, { api: id })));
    expect(outcomes.map(({ ok: accepted }) => accepted).sort()).toEqual([false, true]);
    expect(outcomes.find((one) => !one.ok)).toMatchObject({ reason: 'taken' });
  });

  it('is refused with a note, and may claim another name', async () => {
    const waiting = await claim('https://bank.example');
    const { api } = ok(await refuseApi(platform, operator, { api: waiting.id, note: 'Not your bank' }));
    expect(api).toMatchObject({ approved: false, identifier: '' });
    const [letter] = (await waitingLetters(platform)).filter(({ text }) => text.includes('Not your bank'));
    expect(letter?.subject).toContain('Notes');
    expect(await approveApi(platform, operator, { api: waiting.id })).toMatchObject({ ok: false });
  });

  it('that had its identifier loses it with all that people allowed there', async () => {
    const { api } = await anApi(platform, rival, { identifier: 'https://taken-back.example' });
    const consent = { id: newId(), accountId: newId(), clientId: (await aClient(platform, rival)).client.id };
    const scopes = ['notes:read'];
    await platform.db.consent.create({
      data: { ...consent, resource: api.identifier, scopes, grantedAt: platform.clock.now() },
    });
    ok(await refuseApi(platform, operator, { api: api.id, note: 'Not theirs' }));
    expect(await platform.db.consent.count({ where: { resource: api.identifier } })).toBe(0);
  });

  it('on localhost works at once in development and never in production', async () => {
    const local = { organizationId: acme, identifier: 'http://localhost:4100', name: 'Local' };
    expect(ok(await registerApi(platform, member, local)).api.approved).toBe(true);
    const production = { ...platform, config: { ...platform.config, production: true } };
    const elsewhere = { ...local, identifier: 'http://localhost:4200' };
    expect(await registerApi(production, member, elsewhere)).toMatchObject({ reason: 'identifier' });
  });
});

it('an API stored with a slash behind its path is found in every spelling, and its name is taken', async () => {
  const { api } = await anApi(platform, acme, { identifier: 'https://old.example/v1' });
  await platform.db.api.update({ where: { id: api.id }, data: { identifier: 'https://old.example/v1/' } });
  for (const spelling of ['https://old.example/v1', 'https://OLD.example:443/v1/'])
    expect((await findApi(platform, spelling))?.identifier).toBe('https://old.example/v1/');
  const { client } = await aClient(platform, acme, { resources: ['https://old.example/v1'] });
  expect(client.resources).toEqual(['https://old.example/v1/']);
  const inputs = await loadAccessInputs(platform, client.id, 'https://old.example/v1');
  expect(inputs?.api.identifier).toBe('https://old.example/v1/');
  const again = { organizationId: acme, identifier: 'https://old.example/v1', name: 'Again' };
  expect(await registerApi(platform, operator, again)).toMatchObject({ reason: 'identifier' });
});
