import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endSession } from '../../src/accounts/sessions/sessions.ts';
import { recordEvent } from '../../src/audit/trail.ts';
import { deliverDueEvents } from '../../src/developers/apis/events/deliver-events.ts';
import { addTarget } from '../../src/developers/apis/events/event-targets.ts';
import { resumeClient, suspendClient } from '../../src/developers/clients/suspension.ts';
import { subjectFor } from '../../src/oidc/account-claims.ts';
import { removeApp } from '../../src/oidc/connected-apps.ts';
import { queueEvents, queueLateEvents } from '../../src/oidc/queue-events.ts';
import { newId } from '../../src/platform/ids.ts';
import { ok } from '../support/developers.ts';
import { type Receiver, startReceiver } from '../support/event-receiver.ts';
import { type App, newApi, newApp, type Notes, OPERATOR } from '../support/world.ts';
import { anotherPerson, introspected, openStage, type Stage, tokensFor } from './stage.ts';
import { PATIENCE } from '../support/patience.ts';

describe('what happens', () => {
  let stage: Stage;
  let notes: Receiver;
  let maps: Receiver;
  let aside: Receiver;
  let mapsApi: Notes;
  let app: App;
  let mapsApp: App;
  beforeAll(async () => {
    [notes, maps, aside] = await Promise.all([startReceiver(), startReceiver(), startReceiver()]);
    stage = await openStage({ outboundAllow: [notes, maps, aside].map(({ origin }) => origin) });
    const { platform } = stage.server;
    mapsApi = await newApi(platform, { identifier: 'https://maps.example' });
    const asideApi = await newApi(platform, { identifier: 'https://aside.example' });
    app = await newApp(platform, stage.api);
    mapsApp = await newApp(platform, mapsApi, { name: 'Atlas' });
    for (const [api, { origin }] of [
      [stage.api, notes],
      [mapsApi, maps],
      [asideApi, aside],
    ] as const) {
      ok(await addTarget(platform, OPERATOR, { holderId: api.clientId, url: `${origin}/`, events: [] }));
    }
    await settle();
  }, 60_000);
  afterAll(async () => {
    await stage.server.stop();
    await Promise.all([notes, maps, aside].map((one) => one.close()));
  });

  interface Told {
    type: string;
    data: Record<string, unknown>;
  }
  const platformOf = () => stage.server.platform;
  /** All that is under way arrives; then nothing of it is left in the receivers. */
  async function settle(): Promise<Record<'notes' | 'maps' | 'aside', Told[]>> {
    await queueEvents(platformOf());
    const left = () => platformOf().db.eventDelivery.count({ where: { deliveredAt: null } });
    for (let turn = 0; turn < 100 && (await left()) > 0; turn += 1) {
      await deliverDueEvents(platformOf());
      if ((await left()) > 0) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(await left()).toBe(0);
    const takeFrom = ({ received }: Receiver) =>
      received
        .splice(0)
        .map(({ body }) => JSON.parse(body) as Told & { timestamp: string })
        .map(({ type, data }) => ({ type, data }))
        .filter(({ type }) => type !== 'target.tested');
    return { notes: takeFrom(notes), maps: takeFrom(maps), aside: takeFrom(aside) };
  }
  const subjects = (accountId: string) => ({
    notes: subjectFor(platformOf(), accountId, stage.api.organizationId),
    maps: subjectFor(platformOf(), accountId, mapsApi.organizationId),
  });
  const sessionOf = async (accountId: string) =>
    (await platformOf().db.browserSession.findFirstOrThrow({ where: { accountId, endedAt: null } })).id;

  it('to a session is told where it let an app in, under the name that the API itself knows', async () => {
    const { person, browser } = await anotherPerson(stage);
    const one = { ...stage, person, browser };
    const { access_token } = await tokensFor(one, app);
    const known = JSON.parse(await introspected(stage, stage.api, access_token)) as { sub: string };
    await settle();
    await endSession(platformOf(), OPERATOR, await sessionOf(person.id));
    const told = await settle();
    expect(told).toEqual({
      notes: [{ type: 'session.ended', data: { subject: known.sub, client_ids: [app.clientId] } }],
      maps: [],
      aside: [],
    });
  });

  it('to a credential is told at every API that is allowed something, to each under another name and another id', async () => {
    const { person, browser } = await anotherPerson(stage);
    const one = { ...stage, person, browser };
    await tokensFor(one, app);
    await tokensFor(one, mapsApp, { scope: 'openid notes:read' });
    await settle();
    const actor = { kind: 'account', id: person.id } as const;
    await recordEvent(platformOf(), actor, 'password.changed', { kind: 'account', id: person.id });
    await recordEvent(
      platformOf(),
      actor,
      'passkey.removed',
      { kind: 'passkey', id: newId() },
      { accountId: person.id },
    );
    await queueEvents(platformOf());
    await expect
      .poll(() => deliverDueEvents(platformOf()).then(() => notes.received.length), PATIENCE)
      .toBe(2);
    await expect.poll(() => maps.received.length, PATIENCE).toBe(2);
    const ids = [...notes.received, ...maps.received].map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(4);
    const everything = JSON.stringify([...notes.received]);
    for (const foreign of [person.id, person.email, subjects(person.id).maps, mapsApp.clientId]) {
      expect(everything).not.toContain(foreign);
    }
    const told = await settle();
    const changes = [
      { credential: 'password', change: 'changed' },
      { credential: 'passkey', change: 'removed' },
    ];
    for (const name of ['notes', 'maps'] as const) {
      const subject = subjects(person.id)[name];
      const expected = changes.map((data) => ({ type: 'credential.changed', data: { subject, ...data } }));
      expect(told[name]).toEqual(expect.arrayContaining(expected));
      expect(told[name]).toHaveLength(2);
    }
    expect(told.aside).toEqual([]);
  });

  it('to a consent is told where it held, though nothing of it is left', async () => {
    const { person, browser } = await anotherPerson(stage);
    await tokensFor({ ...stage, browser }, app);
    await settle();
    const connection = { accountId: person.id, clientId: app.clientId };
    await removeApp(platformOf(), { kind: 'account', id: person.id }, connection);
    await platformOf().db.grant.deleteMany({ where: { accountId: person.id } });
    const told = await settle();
    const data = { subject: subjects(person.id).notes, client_id: app.clientId };
    expect(told).toEqual({ notes: [{ type: 'consent.withdrawn', data }], maps: [], aside: [] });
  });

  it('to an account is told as long as somebody knew it', async () => {
    const { person, browser } = await anotherPerson(stage);
    await tokensFor({ ...stage, browser }, app);
    await settle();
    const resources = { resources: [stage.api.identifier] };
    const target = { kind: 'account', id: person.id };
    await recordEvent(
      platformOf(),
      { kind: 'job', id: 'close-due-accounts' },
      'account.closed',
      target,
      resources,
    );
    const told = await settle();
    const data = { subject: subjects(person.id).notes };
    expect(told).toEqual({ notes: [{ type: 'account.closed', data }], maps: [], aside: [] });
  });

  it('to an app is told where it has access, and nowhere else', async () => {
    const where = { organizationId: mapsApi.organizationId };
    const { accountId } = await platformOf().db.organizationMember.findFirstOrThrow({ where });
    const member = { kind: 'account', id: accountId } as const;
    ok(await suspendClient(platformOf(), member, mapsApp.clientId));
    ok(await resumeClient(platformOf(), member, mapsApp.clientId));
    const told = await settle();
    expect(told.notes).toEqual([]);
    expect(told.aside).toEqual([]);
    expect(told.maps).toHaveLength(2);
    expect(told.maps).toEqual(
      expect.arrayContaining([
        { type: 'client.suspended', data: { client_id: mapsApp.clientId, until: null } },
        { type: 'client.resumed', data: { client_id: mapsApp.clientId } },
      ]),
    );
  });

  it('to an access is told once it is paused; what is only watched, slowed or tried out is not', async () => {
    const { id: api } = await platformOf().db.api.findUniqueOrThrow({
      where: { clientId: mapsApi.clientId },
    });
    const record = (action: 'suspension.started' | 'suspension.ended', details: object) =>
      recordEvent(
        platformOf(),
        { kind: 'job', id: 'run-rules' },
        action,
        { kind: 'suspension', id: newId() },
        { kind: 'access', client: app.clientId, api, rule: 'reported-by-api', ...details },
      );
    const until = '2026-12-01T00:00:00.000Z';
    await record('suspension.started', { state: 'observe', level: 0, until });
    await record('suspension.started', { state: 'slow', level: 0, until });
    await record('suspension.started', { state: 'pause', level: 1, until, dryRun: true });
    await record('suspension.ended', { state: 'ended', level: 0, until: null });
    expect(await settle()).toEqual({ notes: [], maps: [], aside: [] });
    await record('suspension.started', { state: 'pause', level: 1, until });
    const data = { client_id: app.clientId, scopes: 'all', until };
    expect(await settle()).toEqual({ notes: [], maps: [{ type: 'access.suspended', data }], aside: [] });
    await record('suspension.ended', { state: 'ended', level: 1, until: null });
    expect((await settle()).maps.map(({ type }) => type)).toEqual(['access.resumed']);
  });

  it('is queued once, whoever looks at the same moment and whoever comes late', async () => {
    ok(await suspendClient(platformOf(), OPERATOR, mapsApp.clientId));
    await Promise.all([queueEvents(platformOf()), queueEvents(platformOf()), queueLateEvents(platformOf())]);
    expect((await settle()).maps.map(({ type }) => type)).toEqual(['client.suspended']);
  });
});
