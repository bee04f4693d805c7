import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findApi } from '../../src/developers/apis/api.ts';
import { suspendClient } from '../../src/developers/clients/suspension.ts';
import { checkToken } from '../../src/oidc/token-checks.ts';
import { newHandle } from '../../src/platform/crypto/secrets.ts';
import { type ShiftedTime, shiftTime } from '../support/time.ts';
import { newApi, newApp, type Notes, OPERATOR } from '../support/world.ts';
import { openStage, post, type Stage, tokensFor } from './stage.ts';

let stage: Stage;
let other: Notes;
let jwtApi: Notes;
let time: ShiftedTime | undefined;
beforeAll(async () => {
  stage = await openStage();
  other = await newApi(stage.server.platform, { identifier: 'https://other.example' });
  jwtApi = await newApi(stage.server.platform, { identifier: 'https://jwt.example', tokenFormat: 'jwt' });
}, 60_000);
afterAll(() => stage.server.stop());
afterEach(() => time?.restore());

async function machineToken(of: Notes, scope = 'notes:read') {
  const app = await newApp(stage.server.platform, of, { type: 'machine', scopes: [scope] });
  const asked = { grant_type: 'client_credentials', scope, resource: of.identifier };
  return { app, token: String((await post(stage, '/token', app, asked)).body.access_token) };
}

/** The checks in a line each, the last of them the one that decides. */
async function check(token: string, at: Notes = stage.api, scope?: string): Promise<string[]> {
  const api = await findApi(stage.server.platform, at.identifier);
  if (!api) throw new Error('no API');
  const checks = await checkToken(stage.server.platform, api, { token, scope });
  return checks.map(({ check: name, passed }) => `${name} ${passed ? 'passed' : 'failed'}`);
}

const ALL = ['form passed', 'known passed', 'alive passed', 'access passed', 'scope passed'];

describe('a pasted token', () => {
  it('passes where it is alive, meant for the API and holds the scope', async () => {
    expect(await check((await machineToken(stage.api)).token, stage.api, 'notes:read')).toEqual(ALL);
    const app = await newApp(stage.server.platform, stage.api);
    const { access_token: token } = await tokensFor(stage, app);
    expect(await check(token)).toEqual(ALL);
  });

  it('fails for the scope that the operation needs', async () => {
    const { token } = await machineToken(stage.api, 'notes:write');
    expect((await check(token, stage.api, 'notes:read')).at(-1)).toBe('scope failed');
  });

  it('is unknown to every API but its own, exactly as one that never was', async () => {
    const { token } = await machineToken(other);
    const api = await findApi(stage.server.platform, stage.api.identifier);
    const never = newHandle('access', stage.server.platform.clock.now());
    const [of, none] = await Promise.all(
      [token, never].map((one) =>
        api ? checkToken(stage.server.platform, api, { token: one, scope: undefined }) : undefined,
      ),
    );
    expect(of).toEqual(none);
    expect(await check(token)).toEqual(['form passed', 'known failed']);
  });

  it('fails once it has expired, or its app is suspended', async () => {
    const { app, token } = await machineToken(stage.api);
    await suspendClient(stage.server.platform, OPERATOR, app.clientId);
    // What is known of a client is half a second old at most.
    await sleep(600);
    expect((await check(token)).at(-1)).toBe('access failed');
    const { token: late } = await machineToken(stage.api);
    time = shiftTime(700);
    expect((await check(late)).at(-1)).toBe('alive failed');
  });

  it('fails where its grant has ended', async () => {
    const { platform } = stage.server;
    const app = await newApp(platform, stage.api);
    const { access_token: token } = await tokensFor(stage, app);
    const revokedAt = platform.clock.now();
    await platform.db.grant.updateMany({ where: { clientId: app.clientId }, data: { revokedAt } });
    expect((await check(token)).at(-1)).toBe('alive failed');
  });

  it.each([
    'nonsense',
    'Bearer x',
    '',
    '\0',
    'a'.repeat(9000),
    'gate_access_4mk',
    newHandle('refresh', new Date('2026-11-28')),
    newHandle('secret', new Date('2026-11-28')),
    'a.b.c',
    '..',
    `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.e30.`,
  ])('is no access token: %j', async (token) => {
    expect(await check(token)).toEqual(['form failed']);
  });

  it('that is a JWT is checked by its signature, its audience and its end', async () => {
    const { token } = await machineToken(jwtApi);
    const good = ['form passed', 'signature passed', 'audience passed', 'alive passed', 'scope passed'];
    expect(await check(token, jwtApi, 'notes:read')).toEqual(good);
    expect(await check(token, stage.api)).toEqual(['form passed', 'known failed']);
    const [head, body, signature = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(String(body), 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...claims, aud: 'https://notes.example' }));
    const altered = [`${head}.${forged.toString('base64url')}.${signature}`, `${head}.${body}.AAAA`];
    for (const one of altered) expect((await check(one, jwtApi)).at(-1)).toBe('signature failed');
    time = shiftTime(700);
    expect((await check(token, jwtApi)).at(-1)).toBe('alive failed');
  });
});
