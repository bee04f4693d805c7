import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { misuseEvent } from '../../src/developers/apis/reports/misuse-event.ts';
import { endReportKey, liveReportKeys } from '../../src/developers/apis/reports/report-keys.ts';
import { listReports, reportsFor } from '../../src/developers/apis/reports/reports.ts';
import { issued, openStage, post, type Stage, tokensFor } from '../oidc/stage.ts';
import { aSigningKey, signed } from '../support/assertions.ts';
import { ok } from '../support/developers.ts';
import {
  aReporter,
  digestOfToken,
  type Reporting,
  type SetChanges,
  sendSet,
  setOf,
  SET_TYPE,
} from '../support/reports.ts';
import { type App, newApi, newApp, type Notes, OPERATOR } from '../support/world.ts';

describe('POST /security-events', () => {
  let stage: Stage;
  let reporter: Reporting;
  let other: Reporting;
  let app: App;
  let token: string;
  beforeAll(async () => {
    stage = await openStage();
    const { platform } = stage.server;
    reporter = await aReporter(platform, stage.api);
    other = await aReporter(platform, await newApi(platform, { identifier: 'https://maps.example' }));
    app = await newApp(platform, stage.api, { firstParty: true });
    token = (await tokensFor(stage, app)).access_token;
  });
  afterAll(() => stage.server.stop());

  const send = (set: string, headers?: Record<string, string>) => sendSet(stage.issuer, set, headers);
  const report = (changes: SetChanges = {}, of = reporter) => setOf(stage.issuer, of, token, changes);
  const apiIdOf = async (api: Notes) => {
    const { db } = stage.server.platform;
    return (await db.api.findUniqueOrThrow({ where: { clientId: api.clientId } })).id;
  };
  const kept = async (of = reporter) =>
    (await listReports(stage.server.platform, { apiId: await apiIdOf(of.api) })).reports;
  const now = () => Math.floor(Date.now() / 1000);

  it('takes a report, writes it down with its cause, and answers with nothing', async () => {
    const before = await kept();
    const answer = await send(report({ event: { note: 'Reads every note of 4,000 people.' } }));
    expect([answer.status, answer.text]).toEqual([202, '']);
    const [row, ...rest] = await kept();
    expect(rest).toHaveLength(before.length);
    expect(row).toMatchObject({
      clientId: app.clientId,
      reason: 'harvesting',
      note: 'Reads every note of 4,000 people.',
    });
    const events = await stage.server.platform.db.auditEvent.findMany({
      where: { action: 'abuse-report.received', targetId: app.clientId },
    });
    expect(events.map(({ actorKind, actorId }) => [actorKind, actorId])).toContainEqual([
      'client',
      stage.api.clientId,
    ]);
    expect(JSON.stringify(events)).not.toContain('4,000');
    const [key] = await liveReportKeys(stage.server.platform, await apiIdOf(stage.api));
    expect(key?.lastUsedAt).not.toBeNull();
  });

  it.each(['EdDSA', 'PS256', 'RS256'] as const)('takes one that is signed with %s', async (alg) => {
    const api = await newApi(stage.server.platform, { identifier: `https://${alg}.example`.toLowerCase() });
    const keyed = await aReporter(stage.server.platform, api, aSigningKey(alg));
    expect((await send(report({}, keyed))).status).toBe(202);
  });

  it('counts a token that an app got for itself, and one that is a JWT', async () => {
    const { platform } = stage.server;
    const machine = await newApp(platform, stage.api, { type: 'machine', scopes: ['notes:read'] });
    const ask = { grant_type: 'client_credentials' };
    const own = issued(await post(stage, '/token', machine, ask)).access_token;
    await send(setOf(stage.issuer, reporter, own));
    expect((await kept())[0]).toMatchObject({ clientId: machine.clientId, grantId: null });
    const jwtApi = await newApi(platform, { identifier: 'https://jwt.example', tokenFormat: 'jwt' });
    const reporting = await aReporter(platform, jwtApi);
    const web = await newApp(platform, jwtApi, { firstParty: true });
    const jwt = (await tokensFor(stage, web)).access_token;
    expect(jwt.split('.')).toHaveLength(3);
    await send(setOf(stage.issuer, reporting, jwt, { event: { token_digest: undefined, token: jwt } }));
    const [row] = await kept(reporting);
    expect(row?.clientId).toBe(web.clientId);
    expect(row?.grantId).toEqual(expect.any(String));
    await send(setOf(stage.issuer, other, jwt, { event: { token_digest: undefined, token: jwt } }));
    const forged = `${jwt.slice(0, -4)}AAAA`;
    await send(setOf(stage.issuer, reporting, jwt, { event: { token_digest: undefined, token: forged } }));
    expect(await kept(reporting)).toHaveLength(1);
    expect(await kept(other)).toHaveLength(0);
  });

  it("answers alike, and counts nothing, for another API's token, an unknown one, a refresh token and a repeat", async () => {
    const tokens = await tokensFor(stage, app, { scope: 'openid notes:read offline_access' });
    const before = (await kept()).length;
    const jti = randomUUID();
    const answers = [
      await send(report({ claims: { jti } })),
      await send(report({ claims: { jti } })),
      await send(report({ claims: { jti }, event: { reason: 'other' } })),
      await send(report({}, other)),
      await send(setOf(stage.issuer, reporter, 'gate_access_nothing')),
      await send(setOf(stage.issuer, reporter, tokens.refresh_token)),
    ];
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(new Set(['202 ']));
    expect(await kept()).toHaveLength(before + 1);
    expect(await kept(other)).toHaveLength(0);
  });

  it("takes another API's jti for what it is: each API numbers its own", async () => {
    const { platform } = stage.server;
    const maps = await newApp(platform, other.api, { firstParty: true });
    const theirs = (await tokensFor(stage, maps)).access_token;
    const jti = randomUUID();
    await send(report({ claims: { jti } }));
    await send(setOf(stage.issuer, other, theirs, { claims: { jti } }));
    expect((await kept(other)).map((row) => row.jti)).toContain(jti);
    expect((await kept()).map((row) => row.jti)).toContain(jti);
  });

  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const decoded = (set: string, at: number) =>
    JSON.parse(Buffer.from(set.split('.')[at] ?? '', 'base64url').toString()) as Record<string, unknown>;

  /** Sets that are refused, with the code of RFC 8935. */
  const HOSTILE: readonly [what: string, err: string, set: () => string][] = [
    ['for another audience', 'invalid_audience', () => report({ claims: { aud: 'https://other.example' } })],
    [
      'for two audiences',
      'invalid_request',
      () => report({ claims: { aud: [stage.issuer, 'https://other.example'] } }),
    ],
    ['without an audience', 'invalid_request', () => report({ claims: { aud: undefined } })],
    [
      'with alg none',
      'invalid_key',
      () => {
        const [, body] = report().split('.');
        return `${part({ alg: 'none', typ: 'secevent+jwt', kid: reporter.kid })}.${body}.AA`;
      },
    ],
    [
      'with alg none and no signature',
      'invalid_request',
      () => {
        const [, body] = report().split('.');
        return `${part({ alg: 'none', typ: 'secevent+jwt', kid: reporter.kid })}.${body}.`;
      },
    ],
    [
      'with HS256 under the public key',
      'invalid_key',
      () => {
        const [, body] = report().split('.');
        const content = `${part({ alg: 'HS256', typ: 'secevent+jwt', kid: reporter.kid })}.${body}`;
        const mac = createHmac('sha256', JSON.stringify(reporter.key.jwk)).update(content);
        return `${content}.${mac.digest('base64url')}`;
      },
    ],
    [
      'with the algorithm of another kind of key',
      'authentication_failed',
      () => report({ header: { alg: 'RS256' } }),
    ],
    ['with ES384', 'invalid_key', () => report({ header: { alg: 'ES384' } })],
    ["signed with another API's key", 'authentication_failed', () => report({ key: other.key })],
    [
      "signed with another API's key under its kid",
      'authentication_failed',
      () => report({ key: other.key, header: { kid: other.kid } }),
    ],
    ['of another API', 'authentication_failed', () => report({ claims: { iss: other.api.identifier } })],
    ['of nobody', 'authentication_failed', () => report({ claims: { iss: 'https://nobody.example' } })],
    ['of the issuer itself', 'authentication_failed', () => report({ claims: { iss: stage.issuer } })],
    ['of a client id', 'authentication_failed', () => report({ claims: { iss: stage.api.clientId } })],
    ['without an issuer', 'invalid_request', () => report({ claims: { iss: undefined } })],
    ['with a list of issuers', 'invalid_request', () => report({ claims: { iss: [stage.api.identifier] } })],
    ['without a kid', 'invalid_request', () => report({ header: { kid: undefined } })],
    ['with an unknown kid', 'authentication_failed', () => report({ header: { kid: 'no-such-key' } })],
    ['with a kid that is SQL', 'authentication_failed', () => report({ header: { kid: "' OR '1'='1" } })],
    [
      'with a kid that is a path',
      'authentication_failed',
      () => report({ header: { kid: '../../../../dev/null' } }),
    ],
    ['with a kid that is an object', 'invalid_request', () => report({ header: { kid: { $ne: '' } } })],
    ['with a kid called __proto__', 'authentication_failed', () => report({ header: { kid: '__proto__' } })],
    [
      'with a key of its own in the header',
      'authentication_failed',
      () => {
        const mine = aSigningKey();
        return report({ key: mine, header: { jwk: mine.jwk, jku: 'https://evil.example/jwks' } });
      },
    ],
    ['without a type', 'invalid_request', () => report({ header: { typ: undefined } })],
    ['of the type JWT', 'invalid_request', () => report({ header: { typ: 'JWT' } })],
    ['of the type of access tokens', 'invalid_request', () => report({ header: { typ: 'at+jwt' } })],
    ['with something critical', 'invalid_request', () => report({ header: { crit: ['b64'], b64: false } })],
    ['of two hours ago', 'invalid_request', () => report({ claims: { iat: now() - 7200 } })],
    ['of tomorrow', 'invalid_request', () => report({ claims: { iat: now() + 86_400 } })],
    ['without a time', 'invalid_request', () => report({ claims: { iat: undefined } })],
    ['with a time that is text', 'invalid_request', () => report({ claims: { iat: String(now()) } })],
    ['that has expired', 'invalid_request', () => report({ claims: { exp: now() - 10 } })],
    ['without a jti', 'invalid_request', () => report({ claims: { jti: undefined } })],
    ['with an empty jti', 'invalid_request', () => report({ claims: { jti: '' } })],
    ['with an endless jti', 'invalid_request', () => report({ claims: { jti: 'x'.repeat(300) } })],
    ['without events', 'invalid_request', () => report({ claims: { events: {} } })],
    [
      'with another event',
      'invalid_request',
      () =>
        report({
          claims: { events: { 'https://schemas.openid.net/secevent/caep/event-type/session-revoked': {} } },
        }),
    ],
    [
      'with two events',
      'invalid_request',
      () => {
        const { events } = decoded(report(), 1) as { events: object };
        return report({ claims: { events: { ...events, 'https://other.example/event': {} } } });
      },
    ],
    ['with an event that is a list', 'invalid_request', () => report({ claims: { events: [] } })],
    [
      'with an event that is nested without end',
      'invalid_request',
      () => {
        let nested: unknown = {};
        for (let depth = 0; depth < 500; depth += 1) nested = { [misuseEvent(stage.issuer)]: nested };
        return report({ claims: { events: nested } }).slice(0, 16_000);
      },
    ],
    ['with a reason of its own', 'invalid_request', () => report({ event: { reason: 'because' } })],
    ['without a reason', 'invalid_request', () => report({ event: { reason: undefined } })],
    ['with a member of its own', 'invalid_request', () => report({ event: { client_id: app.clientId } })],
    ['with an endless note', 'invalid_request', () => report({ event: { note: 'x'.repeat(501) } })],
    ['with a note of control characters', 'invalid_request', () => report({ event: { note: 'a\u202eb' } })],
    ['that names no token', 'invalid_request', () => report({ event: { token_digest: undefined } })],
    ['that names a token twice', 'invalid_request', () => report({ event: { token: 'a.b.c' } })],
    [
      'that holds a live opaque token',
      'invalid_request',
      () => report({ event: { token_digest: undefined, token } }),
    ],
    ['with a broken digest', 'invalid_request', () => report({ event: { token_digest: 'short' } })],
    ['that was cut off', 'authentication_failed', () => report().slice(0, -5)],
    ['whose end is missing', 'invalid_request', () => report().split('.').slice(0, 2).join('.')],
    ['with a fourth part', 'invalid_request', () => `${report()}.AAAA`],
    [
      'whose claims were changed',
      'authentication_failed',
      () => {
        const [head, , signature] = report().split('.');
        return `${head}.${part({ ...decoded(report(), 1), jti: 'another' })}.${signature}`;
      },
    ],
    [
      'whose body is a list',
      'invalid_request',
      () => signed(reporter.key, [], { typ: 'secevent+jwt', kid: reporter.kid }),
    ],
    ['that is no JWS', 'invalid_request', () => 'hello'],
    ['that is empty', 'invalid_request', () => ''],
    ['that is huge', 'invalid_request', () => report({ claims: { filling: 'x'.repeat(20_000) } })],
  ];

  it.each(HOSTILE)('refuses a SET %s (%s)', async (_what, err, set) => {
    const before = (await kept()).length;
    const answer = await send(set());
    expect([answer.status, answer.err]).toEqual([400, err]);
    expect(answer.headers.get('Content-Type')).toContain('application/json');
    expect(answer.headers.get('Content-Language')).toBe('en');
    expect(await kept()).toHaveLength(before);
  });

  it('says the same of an unknown issuer, an unknown key and a wrong signature', async () => {
    const texts = [
      await send(report({ claims: { iss: 'https://nobody.example' } })),
      await send(report({ header: { kid: 'no-such-key' } })),
      await send(report({ key: other.key })),
    ].map(({ text }) => text);
    expect(new Set(texts).size).toBe(1);
  });

  it.each([
    ['a form', { 'Content-Type': 'application/x-www-form-urlencoded' }],
    ['JSON', { 'Content-Type': 'application/json' }],
    ['a JWT', { 'Content-Type': 'application/jwt' }],
    ['compressed', { 'Content-Type': SET_TYPE, 'Content-Encoding': 'gzip' }],
  ])('refuses a SET that is sent as %s', async (_what, headers) => {
    const answer = await send(report(), headers);
    expect([answer.status, answer.err]).toEqual([400, 'invalid_request']);
  });

  it('refuses pages of other sites and every other method', async () => {
    const foreign = await send(report(), { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' });
    expect(foreign.status).toBe(403);
    expect((await fetch(`${stage.issuer}/security-events`)).status).toBe(405);
  });

  it('takes nothing that was signed with a key after its end', async () => {
    const { platform } = stage.server;
    const api = await newApi(platform, { identifier: 'https://ended.example' });
    const ended = await aReporter(platform, api);
    const [key] = await liveReportKeys(platform, await apiIdOf(api));
    ok(await endReportKey(platform, OPERATOR, { holderId: api.clientId, keyId: String(key?.id) }));
    expect((await send(report({}, ended))).err).toBe('authentication_failed');
  });

  it('counts organizations once however many APIs they register, and calls an operator where two say the same', async () => {
    const { platform } = stage.server;
    const since = new Date(Date.now() - 3_600_000);
    const stranger = await newApp(platform, other.api, {
      type: 'machine',
      scopes: ['notes:read'],
      resources: [],
    });
    const counts = () => reportsFor(platform, { clientId: stranger.clientId, since });
    const reportFrom = async (api: Notes) => {
      await platform.db.abuseReport.create({
        data: {
          id: randomUUID(),
          apiId: await apiIdOf(api),
          jti: randomUUID(),
          clientId: stranger.clientId,
          reason: 'scanning',
          receivedAt: new Date(),
        },
      });
    };
    expect(await counts()).toEqual({ reports: 0, grants: 0, apis: 0, organizations: 0 });
    await reportFrom(other.api);
    expect(await counts()).toMatchObject({ reports: 1, apis: 1, organizations: 0 });
    await reportFrom(stage.api);
    const second = await newApi(platform, {
      organizationId: stage.api.organizationId,
      identifier: 'https://second.example',
    });
    await reportFrom(second);
    expect(await counts()).toMatchObject({ reports: 3, apis: 3, organizations: 1 });
    const friend = await newApi(platform, { identifier: 'https://friend.example' });
    const [member] = await platform.db.organizationMember.findMany({
      where: { organizationId: stage.api.organizationId },
    });
    await platform.db.organizationMember.create({
      data: {
        organizationId: friend.organizationId,
        accountId: String(member?.accountId),
        role: 'viewer',
        createdAt: new Date(),
      },
    });
    await reportFrom(friend);
    expect(await counts()).toMatchObject({ apis: 4, organizations: 1 });
    await reportFrom(await newApi(platform, { identifier: 'https://third.example' }));
    expect(await counts()).toMatchObject({ apis: 5, organizations: 2 });
  });

  it('names nobody by a digest that is none: no token is found by what is stored of it elsewhere', async () => {
    const before = (await kept()).length;
    await send(report({ event: { token_digest: digestOfToken(digestOfToken(token)) } }));
    expect(await kept()).toHaveLength(before);
  });
});
