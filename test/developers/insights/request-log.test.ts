import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forgetOldRequests } from '../../../src/developers/insights/forget-requests.ts';
import type { ProtocolCall } from '../../../src/developers/insights/protocol-call.ts';
import { noteRequest, writeRequests } from '../../../src/developers/insights/request-log.ts';
import { findRequest, listRequests } from '../../../src/developers/insights/request-search.ts';
import { openStage, post, type Stage } from '../../oidc/stage.ts';
import { clockAt } from '../../support/clock.ts';
import { createTestDatabase } from '../../support/database.ts';
import { untilSomebodyWaits } from '../../support/locks.ts';
import { openTestPlatform } from '../../support/platform.ts';
import { newApp } from '../../support/world.ts';

const APP = 'app_33333333333333333333';
const facts: ReturnType<ProtocolCall['facts']> = {
  ...{
    method: 'POST',
    path: '/token',
    from: '192.0.2.0/24',
    headers: [],
    params: [],
    answer: [],
    auth: 'basic',
  },
};

function aCall(at: Date, more: Partial<ProtocolCall> = {}): ProtocolCall {
  return {
    ...{
      at,
      clientId: APP,
      proven: true,
      endpoint: 'token',
      grantType: undefined,
      status: 200,
      error: undefined,
    },
    ...{ inactive: false, micros: 900, requestId: 'request-of-a-test', subject: undefined, tokens: 1 },
    ...{ redirectUri: undefined, facts: () => facts, ...more },
  };
}

describe('calls of an app', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage.server.stop());

  const machine = () => newApp(stage.server.platform, stage.api, { type: 'machine', scopes: ['notes:read'] });
  const tokenFor = (app: Awaited<ReturnType<typeof machine>>) =>
    post(stage, '/token', app, { grant_type: 'client_credentials' });

  it('leave one row each, with the request id of their answer', async () => {
    const app = await machine();
    const answer = await tokenFor(app);
    expect(answer.status).toBe(200);
    await writeRequests(stage.server.platform);
    const { requests } = await listRequests(stage.server.platform, app.clientId);
    const requestId = answer.headers.get('X-Request-Id');
    expect(requests).toMatchObject([
      { endpoint: 'token', failed: false, status: 200, grantType: 'client_credentials', requestId },
    ]);
  });

  it('that merely name it are kept once a day each', async () => {
    const app = await machine();
    for (const secret of ['wrong', 'wronger']) expect((await tokenFor({ ...app, secret })).status).toBe(401);
    await writeRequests(stage.server.platform);
    const { requests } = await listRequests(stage.server.platform, app.clientId);
    expect(requests).toMatchObject([{ error: 'invalid_client', proven: false }]);
  });

  it('are answered as fast while the log cannot be written, and are written once it can', async () => {
    const app = await machine();
    await tokenFor(app);
    const holder = await stage.server.platform.pool.connect();
    await holder.query('BEGIN; LOCK TABLE request_log IN ACCESS EXCLUSIVE MODE');
    const writing = writeRequests(stage.server.platform);
    await untilSomebodyWaits(stage.server.platform);
    for (let call = 0; call < 21; call += 1) expect((await tokenFor(app)).status).toBe(200);
    await holder.query('ROLLBACK');
    holder.release();
    await writing;
    await writeRequests(stage.server.platform);
    expect((await listRequests(stage.server.platform, app.clientId)).requests).toHaveLength(22);
  });

  it('go well although the log is gone, which is counted', async () => {
    const app = await machine();
    const { metrics } = stage.server.platform;
    const before = (await metrics.requestsDropped.get()).values[0]?.value ?? 0;
    const { sql } = stage.server.platform;
    const { run } = sql;
    sql.run = async (statement, values) => {
      if (statement.name === 'add_request_rows') throw new Error('the disk is full');
      return run(statement, values);
    };
    expect((await tokenFor(app)).status).toBe(200);
    await writeRequests(stage.server.platform).catch(() => undefined);
    sql.run = run;
    await writeRequests(stage.server.platform);
    expect((await metrics.requestsDropped.get()).values[0]?.value).toBeGreaterThan(before);
    expect((await listRequests(stage.server.platform, app.clientId)).requests).toEqual([]);
  });
});

describe('the log', () => {
  it('keeps today and seven days whole, and empties a part before its turn comes', async () => {
    const clock = clockAt('2026-11-20T12:00:00Z');
    const platform = await openTestPlatform({ clock });
    const count = async () => (await platform.pool.query('SELECT 1 FROM request_log')).rowCount;
    const shown = async () => (await listRequests(platform, APP)).requests.length;
    for (let day = 0; day < 12; day += 1) {
      noteRequest(platform, aCall(clock.now()));
      await writeRequests(platform);
      await forgetOldRequests(platform);
      expect(await shown()).toBe(Math.min(day + 1, 8));
      expect(await count()).toBe(Math.min(day + 1, 8));
      clock.forward(86_400);
    }
    clock.forward(30 * 86_400);
    expect(await shown()).toBe(0);
    await forgetOldRequests(platform);
    expect(await count()).toBe(0);
    await platform.close();
  });

  it('keeps twenty distinct unproven calls a day and app, in two processes together', async () => {
    const database = await createTestDatabase();
    const clock = clockAt();
    const [one, other] = [
      await openTestPlatform({ database, clock }),
      await openTestPlatform({ database, clock }),
    ];
    const proven = false;
    for (let n = 0; n < 40; n += 1) {
      const call = aCall(clock.now(), {
        proven,
        error: 'invalid_redirect_uri',
        redirectUri: `https://x.example/${n}`,
      });
      noteRequest(n % 2 ? one : other, call);
      noteRequest(
        one,
        aCall(clock.now(), { proven, clientId: APP.replace('3', '4'), error: 'invalid_client' }),
      );
    }
    await Promise.all([writeRequests(one), writeRequests(other)]);
    const distinct = (await listRequests(one, APP)).requests.length;
    expect(distinct).toBeLessThanOrEqual(20);
    expect(distinct).toBeGreaterThanOrEqual(10);
    expect((await listRequests(one, APP.replace('3', '4'))).requests).toHaveLength(1);
    clock.forward(86_400);
    noteRequest(
      one,
      aCall(clock.now(), { proven, error: 'invalid_redirect_uri', redirectUri: 'https://y.example' }),
    );
    await writeRequests(one);
    expect((await listRequests(one, APP)).requests).toHaveLength(distinct + 1);
    await Promise.all([one.close(), other.close()]);
    await database.drop();
  });

  it('pages by key through calls of the same moment, each once', async () => {
    const clock = clockAt();
    const platform = await openTestPlatform({ clock });
    for (let n = 0; n < 130; n += 1) {
      const error = n % 3 === 0 ? 'invalid_grant' : undefined;
      noteRequest(platform, aCall(clock.now(), { error, endpoint: n % 2 ? 'token' : 'introspection' }));
      if (n % 50 === 49) clock.forward(1);
    }
    await writeRequests(platform);
    const keys: string[] = [];
    let before: string | undefined;
    do {
      const page = await listRequests(platform, APP, {}, { before, limit: 50 });
      keys.push(...page.requests.map(({ key }) => key));
      before = page.next;
    } while (before);
    expect(new Set(keys).size).toBe(130);
    expect(keys).toHaveLength(130);
    const filtered = await listRequests(platform, APP, { error: 'invalid_grant', endpoint: 'token' });
    expect(filtered.requests).toHaveLength(22);
    const [key = ''] = keys;
    expect(await findRequest(platform, 'app_44444444444444444444', key)).toBeUndefined();
    await platform.close();
  });

  it('keeps so many calls of one app between two writes, and of failures not all their facts', async () => {
    const platform = await openTestPlatform();
    const at = platform.clock.now();
    for (let n = 0; n < 6_000; n += 1) noteRequest(platform, aCall(at, { error: 'invalid_grant' }));
    expect(await writeRequests(platform)).toBe(5_000);
    const { rows } = await platform.pool.query('SELECT count(facts)::int AS kept FROM request_log');
    expect(rows).toEqual([{ kept: 50 }]);
    await platform.close();
  });
});
