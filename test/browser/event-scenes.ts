import type { Page } from 'playwright-core';
import { createApi } from '../../src/developers/apis/api.ts';
import { addReportKey } from '../../src/developers/apis/reports/report-keys.ts';
import { keepReport, REPORT_REASONS } from '../../src/developers/apis/reports/reports.ts';
import { sealEventSecret } from '../../src/developers/apis/events/event-secret.ts';
import { newMessageId } from '../../src/developers/apis/events/queue-event.ts';
import { createClient } from '../../src/developers/clients/registration.ts';
import { createOrganization } from '../../src/developers/organizations/organization.ts';
import { newId } from '../../src/platform/ids.ts';
import { aPublicKey } from '../support/assertions.ts';
import { withPointer } from '../support/browser.ts';
import { ok } from '../support/developers.ts';
import { newPerson, OPERATOR, type Person } from '../support/world.ts';
import type { Exhibition } from './exhibition.ts';
import { type Scenes, toAccountPage } from './scene-steps.ts';

/** What an API reports of tokens, and what it is told. */
export const eventScenes: Scenes = {
  'reports-none': async (page, world) => to(page, world, await aStand(world), '/reports'),
  reports: async (page, world) => to(page, world, await withReports(world), '/reports'),
  'report-key-new-problems': async (page, world) => {
    await to(page, world, await aStand(world), '/reports/keys/new');
    await page.locator('textarea').fill('-----BEGIN PRIVATE KEY-----');
    await withPointer(page).press('Add it');
  },
  'report-key-end': async (page, world) => {
    const stand = await withReports(world);
    await to(page, world, stand, `/reports/keys/${stand.keyId}/ending`);
  },
  'events-none': async (page, world) => to(page, world, await aStand(world), '/events'),
  events: async (page, world) => to(page, world, await withTargets(world), '/events'),
  'event-target-new-problems': async (page, world) => {
    await to(page, world, await aStand(world), '/events/new');
    await withPointer(page).fill('Address', 'http://localhost:9/events');
    await withPointer(page).press('Test and add it');
  },
  'event-target': async (page, world) => {
    const stand = await withTargets(world);
    await to(page, world, stand, `/events/targets/${stand.stopped}`);
  },
  'event-secret-rotation': async (page, world) => {
    const stand = await withTargets(world);
    await to(page, world, stand, `/events/targets/${stand.live}/rotation`);
  },
  'event-secret-rotated': async (page, world) => {
    const stand = await withTargets(world);
    await to(page, world, stand, `/events/targets/${stand.live}/rotation`);
    await withPointer(page).press('Make a new secret');
  },
  'event-target-removal': async (page, world) => {
    const stand = await withTargets(world);
    await to(page, world, stand, `/events/targets/${stand.live}/removal`);
  },
};

interface Stand {
  readonly person: Person;
  readonly organizationId: string;
  readonly home: string;
  readonly apiId: string;
  readonly clientId: string;
}

async function aStand({ platform }: Exhibition): Promise<Stand> {
  const person = await newPerson(platform);
  const name = 'The Honourable Company of Stationers and Newspaper Makers';
  const made = ok(await createOrganization(platform, OPERATOR, { name, ownerEmail: person.email }));
  const organizationId = made.organization.id;
  const identifier = `https://${crypto.randomUUID()}.papers.example/v1`;
  const input = {
    organizationId,
    identifier,
    name: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerke',
  };
  const { api } = ok(await createApi(platform, OPERATOR, input));
  const home = `/developers/organizations/${organizationId}/apis/${api.id}`;
  return { person, organizationId, home, apiId: api.id, clientId: api.clientId };
}

function to(page: Page, world: Exhibition, { person, home }: Stand, path: string): Promise<void> {
  return toAccountPage(page, world, `${home}${path}`, person);
}

async function withReports(world: Exhibition): Promise<Stand & { keyId: string }> {
  const stand = await aStand(world);
  const { platform } = world;
  const { clientId: holderId, organizationId, apiId } = stand;
  const keys = JSON.stringify(aPublicKey());
  ok(await addReportKey(platform, OPERATOR, { holderId, label: 'Gateway in Frankfurt', keys }));
  const app = {
    organizationId,
    name: 'Paper plane',
    type: 'web' as const,
    redirectUris: ['https://app.example/cb'],
  };
  const { client } = ok(await createClient(platform, OPERATOR, app));
  const api = await platform.db.api.findUniqueOrThrow({ where: { id: apiId } });
  for (const [at, reason] of REPORT_REASONS.entries()) {
    await keepReport(platform, {
      api: api as never,
      ...{ jti: crypto.randomUUID(), clientId: client.id, grantId: `grant-${at}`, reason },
      note:
        at % 2 === 0 ? 'It reads one paper after the other, some four thousand of them since noon.' : null,
    });
  }
  const [key] = await platform.db.apiReportKey.findMany({ where: { apiId } });
  return { ...stand, keyId: String(key?.id) };
}

/** One that is live and one that was stopped, with a log of all that can become of a message. */
async function withTargets(world: Exhibition): Promise<Stand & { live: string; stopped: string }> {
  const stand = await aStand(world);
  const { db, clock } = world.platform;
  const now = clock.now();
  const [live, stopped] = [newId(), newId()];
  for (const [id, url, disabledAt] of [
    [live, 'https://events.papers.example/gatehouse/receive/all-of-them', null],
    [stopped, 'https://old.papers.example/hooks', now],
  ] as const) {
    const secret = { secret: 'whsec_AAAA' };
    const sealedSecret = sealEventSecret(world.platform, id, 'sealed_secret', secret);
    const events = disabledAt ? [] : ['session.ended', 'credential.changed'];
    await db.eventTarget.create({
      data: { id, apiId: stand.apiId, url, events, sealedSecret, createdAt: now, disabledAt },
    });
  }
  const states = [
    { deliveredAt: now, lastStatus: 204, attempts: 1, lastAt: now },
    { sealed: 'x', lastStatus: 503, attempts: 3, lastAt: now },
    { sealed: 'x', givenUpAt: now, lastStatus: 0, attempts: 15, lastAt: now },
    { sealed: 'x' },
  ];
  for (const state of states) {
    const row = { id: newId(), targetId: live, messageId: newMessageId(), event: 'credential.changed' };
    await db.eventDelivery.create({
      data: { ...row, createdAt: now, dueAt: new Date(now.getTime() + 3_600_000), ...state },
    });
  }
  return { ...stand, live, stopped };
}
