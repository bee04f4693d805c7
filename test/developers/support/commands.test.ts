import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCode } from '../../../src/developers/access/access-codes.ts';
import { findApi } from '../../../src/developers/apis/api.ts';
import type { RunningServer } from '../../../src/main.ts';
import { ok } from '../../support/developers.ts';
import { startTestServer } from '../../support/server.ts';
import { aSigningKey } from '../../support/assertions.ts';
import { Visitor } from '../../support/visitor.ts';
import { newApi, newApp, type Notes, OPERATOR } from '../../support/world.ts';
import { programsOn, run } from './programs.ts';

let server: RunningServer;
let api: Notes;
beforeAll(async () => {
  server = await startTestServer();
  api = await newApi(server.platform);
});
afterAll(() => server.stop());

async function commandOn(path: string): Promise<string> {
  const [command = ''] = programsOn(await new Visitor(server.url).open(path));
  return command;
}

describe('the command on the page', { timeout: 60_000 }, () => {
  it('about access codes registers an app without an account', async () => {
    const apiId = (await findApi(server.platform, api.identifier))?.id ?? '';
    const made = await makeCode(server.platform, OPERATOR, {
      ...{ apiId, organizationId: api.organizationId, accountId: null, label: 'For the fair', uses: 1 },
      ...{ scopes: ['notes:read'], days: 30, peoplePerDay: 50, requestsPerMinute: 60 },
      untilAt: new Date(Date.now() + 86_400_000),
    });
    const env = { ACCESS_CODE: ok(made).issued.secret };
    const files = { 'key.json': JSON.stringify(aSigningKey().jwk) };
    const running = await run('curl', await commandOn('/docs/access-codes'), env, files);
    const [, clientId = ''] = await running.says(/"client_id":\s*"(app_\w+)"/);
    await running.stop();
    const client = await server.platform.db.client.findUniqueOrThrow({ where: { id: clientId } });
    expect(client).toMatchObject({ sponsored: true, name: 'Night export' });
  });

  it('about leak reports ends a secret', async () => {
    const app = await newApp(server.platform, api, { type: 'machine', scopes: ['notes:read'] });
    const running = await run('curl', await commandOn('/docs/leak-reports'), {}, { 'found.txt': app.secret });
    await running.says(/received/);
    await running.stop();
    const [secret] = await server.platform.db.clientSecret.findMany({ where: { holderId: app.clientId } });
    expect(secret?.expiresAt).toBeInstanceOf(Date);
  });
});
