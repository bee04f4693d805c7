import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aReporter, SET_TYPE, setOf } from '../support/reports.ts';
import { basic, startTwoServers, type TwoServers } from '../support/two-servers.ts';
import { newApi, newApp } from '../support/world.ts';

describe('reports at two servers', () => {
  let two: TwoServers;
  beforeAll(async () => {
    two = await startTwoServers();
  }, 60_000);
  afterAll(() => two.stop());

  it('count once for each jti, whichever server takes them and however many come at once', async () => {
    const api = await newApi(two.platform);
    const reporter = await aReporter(two.platform, api);
    const machine = await newApp(two.platform, api, { type: 'machine', scopes: ['notes:read'] });
    const fields = { grant_type: 'client_credentials' };
    const answer = await two.post(0, '/token', fields, basic(machine));
    const set = setOf(two.issuer, reporter, String(answer.json().access_token));
    const turns = Array.from({ length: 50 }, (_, turn) => turn);
    const answers = await Promise.all(
      turns.map((turn) => two.postBody(turn, '/security-events', SET_TYPE, set)),
    );
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`))).toEqual(new Set(['202 ']));
    expect(await two.platform.db.abuseReport.count()).toBe(1);
    const action = 'abuse-report.received';
    expect(await two.platform.db.auditEvent.count({ where: { action } })).toBe(1);
  });
});
