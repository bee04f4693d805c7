import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grantAccess } from '../../src/developers/access/access.ts';
import { PERSONAL_TOKENS_CLIENT } from '../../src/developers/access/personal-access.ts';
import { loadRegisteredClient } from '../../src/developers/clients/registered-client.ts';
import { createSecret } from '../../src/developers/clients/credentials/secrets.ts';
import { createPersonalToken } from '../../src/oidc/personal-tokens.ts';
import { digestOf, newHandle } from '../../src/platform/crypto/secrets.ts';
import { newId } from '../../src/platform/ids.ts';
import { waitingLetters } from '../../src/platform/mail/outbox.ts';
import { ok } from '../support/developers.ts';
import { newSession } from '../support/sessions.ts';
import { basic, startTwoServers, type TwoServers } from '../support/two-servers.ts';
import { newApi, newApp, OPERATOR } from '../support/world.ts';
import { basicOf, codeFor, isActive, openStage, post, redeem, type Stage, tokensFor } from '../oidc/stage.ts';

const REPORT = '/leak-reports';
const SUBJECT = (app: string) => `Something secret of “${app}” leaked and was ended`;

describe('a leak report', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage.server.stop());

  const send = (body: string, type = 'application/x-www-form-urlencoded', query = '') =>
    fetch(`${stage.issuer}${REPORT}${query}`, {
      method: 'POST',
      headers: { 'Content-Type': type },
      body,
    });
  const report = (token: string) => send(new URLSearchParams({ token }).toString());
  const lettersAbout = async (text: string) =>
    (await waitingLetters(stage.server.platform)).filter((letter) =>
      `${letter.subject} ${letter.text.replaceAll('\n', ' ')}`.includes(text),
    );
  const client = (params: object, secret: { clientId: string; secret: string }) =>
    post(
      stage,
      '/token',
      undefined,
      { grant_type: 'client_credentials', ...params },
      {
        Authorization: basicOf(secret),
      },
    );
  const machine = (name: string) =>
    newApp(stage.server.platform, stage.api, { type: 'machine', scopes: ['notes:read'], name });

  /** All of an answer but the id and the time of its request. */
  async function wholeOf(response: Response) {
    // What is left of the limit goes down whatever was reported.
    const headers = [...response.headers].filter(
      ([name]) => !['x-request-id', 'date', 'ratelimit'].includes(name),
    );
    return { status: response.status, headers, body: await response.text() };
  }

  it('ends a secret, and tells the owners that it was the only one', async () => {
    const app = await machine('Lonely');
    expect((await report(app.secret)).status).toBe(202);
    await sleep(600);
    expect((await client({}, app)).status).toBe(401);
    const [letter, ...more] = await lettersAbout('“Lonely”');
    expect(more).toEqual([]);
    expect(letter?.subject).toBe(SUBJECT('Lonely'));
    expect(letter?.text).toContain('the only one');
    expect(letter?.text).not.toContain(app.secret);
  });

  it('ends that secret alone where there are others', async () => {
    const app = await machine('Several');
    const wish = { holderId: app.clientId, label: 'Second', days: null };
    const { issued } = ok(await createSecret(stage.server.platform, OPERATOR, wish));
    await report(app.secret);
    await sleep(600);
    expect((await client({}, app)).status).toBe(401);
    expect((await client({}, { ...app, secret: issued.secret })).status).toBe(200);
    expect((await lettersAbout('Other secrets of it go on working'))[0]?.text).toContain('Several');
  });

  it('ends the secret an API introspects with', async () => {
    const { clientId } = stage.api;
    const wish = { holderId: clientId, label: 'Spare', days: null };
    const { issued } = ok(await createSecret(stage.server.platform, OPERATOR, wish));
    await report(issued.secret);
    const record = await loadRegisteredClient(stage.server.platform, clientId);
    expect(record?.secretDigests).not.toContainEqual(digestOf(issued.secret));
    expect(record?.secretDigests).toHaveLength(1);
  });

  it('gets the same answer whatever it holds', async () => {
    const app = await machine('Same');
    const jwt = `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.e30.${'x'.repeat(86)}`;
    const values = [
      app.secret,
      app.secret,
      newHandle('secret', new Date()),
      newHandle('access', new Date()),
      newHandle('trusted', new Date()),
      `${app.secret}x`,
      jwt,
      'x',
      "' OR 1=1 --",
      '\u202e🦊',
    ];
    const answers = [];
    for (const value of values) answers.push(await wholeOf(await report(value)));
    expect(answers[0]).toMatchObject({ status: 202, body: '{"status":"received"}' });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it('may be a form or JSON, in the body alone', async () => {
    const app = await machine('Told');
    const inQuery = await send('', undefined, `?token=${app.secret}`);
    expect(inQuery.status).toBe(400);
    const beside = await send(`token=${app.secret}`, undefined, '?a=b');
    expect(beside.status).toBe(400);
    expect(await lettersAbout(SUBJECT('Told'))).toEqual([]);
    const json = await send(JSON.stringify({ token: app.secret }), 'application/json; charset=utf-8');
    expect(json.status).toBe(202);
    expect(await lettersAbout(SUBJECT('Told'))).toHaveLength(1);
  });

  it.each([
    ['nothing', '', 'application/x-www-form-urlencoded', 400],
    ['no token', 'secret=x', 'application/x-www-form-urlencoded', 400],
    ['two tokens', 'token=x&token=y', 'application/x-www-form-urlencoded', 400],
    ['broken JSON', '{"token":', 'application/json', 400],
    ['a list', '["token"]', 'application/json', 400],
    ['a number', '{"token":7}', 'application/json', 400],
    ['an object', '{"token":{"a":1}}', 'application/json', 400],
    ['plain text', 'gate_secret_x', 'text/plain', 415],
    ['ten kilobytes', `token=${'x'.repeat(10_000)}`, 'application/x-www-form-urlencoded', 413],
    ['ten kilobytes of JSON', JSON.stringify({ token: 'x'.repeat(10_000) }), 'application/json', 413],
  ])('is refused where it holds %s', async (_what, body, type, status) => {
    expect((await send(body, type)).status).toBe(status);
  });

  it('writes nothing for values that nobody has', async () => {
    const { db } = stage.server.platform;
    const before = [await db.auditEvent.count(), await db.letter.count()];
    const kinds = ['secret', 'access', 'refresh', 'session', 'accesscode', 'invitation', 'pass'] as const;
    await Promise.all(kinds.flatMap((kind) => [1, 2, 3].map(() => report(newHandle(kind, new Date())))));
    expect([await db.auditEvent.count(), await db.letter.count()]).toEqual(before);
  });

  it('ends a token with everything of its consent on that device', async () => {
    const app = await newApp(stage.server.platform, stage.api, { name: 'Leaky' });
    const tokens = await tokensFor(stage, app, { scope: 'openid notes:read offline_access' });
    expect(await isActive(stage, tokens.access_token)).toBe(true);
    await report(tokens.access_token);
    expect(await isActive(stage, tokens.access_token)).toBe(false);
    const again = await tokensFor(stage, app, { scope: 'openid notes:read offline_access' });
    await report(String(again.refresh_token));
    expect(await isActive(stage, again.access_token)).toBe(false);
    expect(await lettersAbout(SUBJECT('Leaky'))).toHaveLength(2);
    await report(tokens.access_token);
    expect(await lettersAbout(SUBJECT('Leaky'))).toHaveLength(2);
  });

  it('ends a token of a machine, and a code before anybody redeems it', async () => {
    const app = await machine('Robot');
    const token = String((await client({}, app)).body.access_token);
    expect(await isActive(stage, token)).toBe(true);
    await report(token);
    expect(await isActive(stage, token)).toBe(false);
    const web = await newApp(stage.server.platform, stage.api, { name: 'Coder' });
    const code = await codeFor(stage, web);
    await report(code.code);
    expect((await redeem(stage, web, code)).status).toBe(400);
  });

  it('ends a personal access token, and tells its person alone', async () => {
    const { platform } = stage.server;
    const access = { clientId: PERSONAL_TOKENS_CLIENT, apiIdentifier: stage.api.identifier } as const;
    ok(await grantAccess(platform, OPERATOR, { ...access, scopes: ['notes:read'], origin: 'operator' }));
    const { id: sessionId } = await newSession(platform, stage.person.id);
    const wish = { accountId: stage.person.id, sessionId, name: 'Backup script', days: 30 };
    const actor = { kind: 'account', id: stage.person.id } as const;
    const made = await createPersonalToken(platform, actor, {
      ...wish,
      resource: stage.api.identifier,
      scopes: ['notes:read'],
    });
    const { issued } = ok(made);
    expect(await isActive(stage, issued.secret)).toBe(true);
    await report(issued.secret);
    expect(await isActive(stage, issued.secret)).toBe(false);
    const letters = await lettersAbout('One of your access tokens leaked');
    expect(letters.map(({ to }) => to)).toEqual([stage.person.email]);
  });

  it('ends an access code and takes an invitation back', async () => {
    const { db } = stage.server.platform;
    const { id: apiId } = await db.api.findFirstOrThrow({ where: { clientId: stage.api.clientId } });
    const now = new Date();
    const later = new Date(now.getTime() + 86_400_000);
    const code = newHandle('accesscode', now);
    const frame = { fromAt: now, untilAt: later, usesLeft: 3, createdAt: now };
    await db.accessCode.create({
      data: { id: newId(), apiId, digest: digestOf(code), label: 'For Berta', scopes: [], ...frame },
    });
    await report(code);
    expect(await db.accessCode.count({ where: { label: 'For Berta', endedAt: null } })).toBe(0);
    expect(await lettersAbout('For Berta')).toHaveLength(1);
    const invitation = newHandle('invitation', now);
    const { organizationId } = stage.api;
    const address = { email: 'berta@example.com', emailKey: 'berta@example.com' };
    const asked = { invitedBy: stage.person.id, createdAt: now, expiresAt: later };
    await db.invitation.create({
      data: {
        id: newId(),
        organizationId,
        kind: 'member',
        role: 'owner',
        digest: digestOf(invitation),
        ...address,
        ...asked,
      },
    });
    await report(invitation);
    expect(await db.invitation.count({ where: { ...address, withdrawnAt: null } })).toBe(0);
  });
});

describe('a leak report over two processes', { timeout: 120_000 }, () => {
  let two: TwoServers;
  beforeAll(async () => {
    two = await startTwoServers();
  }, 60_000);
  afterAll(() => two.stop());

  it('is in force on both within a second, counts once, and leaves no trace of the value', async () => {
    const api = await newApi(two.platform);
    const app = await newApp(two.platform, api, { type: 'machine', scopes: ['notes:read'], name: 'Twice' });
    const ask = (turn: number) => two.post(turn, '/token', { grant_type: 'client_credentials' }, basic(app));
    expect([(await ask(0)).status, (await ask(1)).status]).toEqual([200, 200]);
    const reports = Array.from({ length: 20 }, (_, turn) => two.post(turn, REPORT, { token: app.secret }));
    const answers = await Promise.all(reports);
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size).toBe(1);
    await sleep(700);
    expect([(await ask(0)).status, (await ask(1)).status]).toEqual([401, 401]);
    const target = { action: 'client-secret.reported', targetId: app.clientId };
    expect(await two.platform.db.auditEvent.count({ where: target })).toBe(1);
    for (const server of two.servers) expect(server.output()).not.toContain(app.secret.slice(12, 40));
    const events = await two.platform.db.auditEvent.findMany({ where: { targetId: app.clientId } });
    expect(JSON.stringify(events)).not.toContain(app.secret);
  });
});
