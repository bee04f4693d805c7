import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeRequests } from '../../../src/developers/insights/request-log.ts';
import { openStage, post, type Stage } from '../../oidc/stage.ts';
import { newApp } from '../../support/world.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.server.stop());

async function rowsOf(clientId: string) {
  await writeRequests(stage.server.platform);
  const { rows } = await stage.server.platform.pool.query<Record<string, unknown>>(
    'SELECT lane, status, error, grant_type, facts, request_id, ordinal FROM request_log WHERE client_id = $1 ORDER BY at, id',
    [clientId],
  );
  return rows;
}

it('a call of an app leaves one row, with the request id of its answer', async () => {
  const app = await newApp(stage.server.platform, stage.api, { type: 'machine', scopes: ['notes:read'] });
  const answer = await post(stage, '/token', app, { grant_type: 'client_credentials' });
  expect(answer.status).toBe(200);
  expect(await rowsOf(app.clientId)).toMatchObject([
    {
      lane: 4,
      status: 200,
      error: null,
      grant_type: 'client_credentials',
      request_id: answer.headers.get('X-Request-Id'),
    },
  ]);
});

it('calls that merely name an app are kept once a day each', async () => {
  const app = await newApp(stage.server.platform, stage.api, { type: 'machine', scopes: ['notes:read'] });
  for (const secret of ['wrong', 'wronger']) {
    const answer = await post(stage, '/token', { ...app, secret }, { grant_type: 'client_credentials' });
    expect(answer.status).toBe(401);
  }
  expect(await rowsOf(app.clientId)).toMatchObject([{ error: 'invalid_client', ordinal: 1 }]);
});
