import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { changeIdTokenAlgorithm } from '../../src/developers/clients/id-token-algorithm.ts';
import { listSigningKeys, removeOldKeys, rotateSigningKeys } from '../../src/oidc/signing-keys.ts';
import { LIFETIMES } from '../../src/tokens/lifetimes.ts';
import { ok } from '../support/developers.ts';
import { type ShiftedTime, shiftTime } from '../support/time.ts';
import { type App, newApi, newApp, OPERATOR } from '../support/world.ts';
import { authorizePath, openStage, type Stage, tokensFor } from './stage.ts';
import { PATIENCE } from '../support/patience.ts';

describe('the keys that sign', () => {
  let stage: Stage;
  let app: App;
  let time: ShiftedTime | undefined;
  beforeAll(async () => {
    stage = await openStage({ jobs: true });
    app = await newApp(stage.server.platform, stage.api, { firstParty: true });
  });
  afterAll(() => stage.server.stop());
  afterEach(() => time?.restore());

  const published = async () => (await (await fetch(`${stage.issuer}/jwks`)).json()) as JSONWebKeySet;
  const kidsOf = ({ keys }: JSONWebKeySet) => new Set(keys.map(({ kid }) => kid));
  const idToken = async (of = app) => (await tokensFor(stage, of, { scope: 'openid' })).id_token;
  const kidOf = (token: string) => String(decodeProtectedHeader(token).kid);

  async function verifies(token: string, clientId = app.clientId): Promise<boolean> {
    const keys = createLocalJWKSet(await published());
    return jwtVerify(token, keys, { issuer: stage.issuer, audience: clientId }).then(
      () => true,
      () => false,
    );
  }

  /** Rotates as the command line does, and waits until this server follows. */
  async function rotate(): Promise<void> {
    const before = kidOf(await idToken());
    await rotateSigningKeys(stage.server.platform, OPERATOR);
    await vi.waitFor(async () => expect(kidOf(await idToken())).not.toBe(before), PATIENCE);
  }

  it('are ES256 unless an app asks for RS256', async () => {
    const old = await newApp(stage.server.platform, stage.api, { firstParty: true });
    const asked = { organizationId: stage.api.organizationId, clientId: old.clientId } as const;
    ok(
      await changeIdTokenAlgorithm(stage.server.platform, OPERATOR, { ...asked, idTokenAlgorithm: 'RS256' }),
    );
    const [ours, theirs] = [await idToken(), await idToken(old)];
    expect(decodeProtectedHeader(ours).alg).toBe('ES256');
    expect(decodeProtectedHeader(theirs).alg).toBe('RS256');
    expect(await verifies(ours)).toBe(true);
    expect(await verifies(theirs, old.clientId)).toBe(true);
  });

  it('change without a pause: the next one was published before, and signs a moment later', async () => {
    const before = await published();
    const old = await idToken();
    await rotate();
    const signed = await idToken();
    expect(kidsOf(before)).toContain(kidOf(signed));
    expect(await verifies(signed)).toBe(true);
    expect(await verifies(old)).toBe(true);
  });

  it('that retired still vouch for what they signed, as a hint too', async () => {
    const hint = await idToken();
    await rotate();
    const silently = { prompt: 'none', id_token_hint: hint };
    const page = await stage.browser.open(authorizePath(app, silently));
    expect(new URL(page.location ?? '').searchParams.has('code')).toBe(true);
    const out = await stage.browser.open(`/session/end?id_token_hint=${hint}`);
    expect(out.status).toBe(200);
    expect(out.text).toContain('Notebook');
  });

  it('sign the tokens of APIs that want JWTs as well', async () => {
    const api = await newApi(stage.server.platform, {
      organizationId: stage.api.organizationId,
      identifier: 'https://jwt.example',
      tokenFormat: 'jwt',
    });
    const of = await newApp(stage.server.platform, api, { firstParty: true });
    const before = (await tokensFor(stage, of)).access_token;
    await rotate();
    const after = (await tokensFor(stage, of)).access_token;
    expect(kidOf(after)).not.toBe(kidOf(before));
    const keys = createLocalJWKSet(await published());
    for (const token of [before, after]) await jwtVerify(token, keys, { audience: api.identifier });
  });

  it('can be changed twice in a row without losing anything', async () => {
    const token = await idToken();
    await rotate();
    await rotate();
    expect(await verifies(token)).toBe(true);
    const states = (await listSigningKeys(stage.server.platform)).map(({ alg, state }) => `${alg} ${state}`);
    for (const alg of ['ES256', 'RS256']) {
      expect(states.filter((one) => one === `${alg} active`)).toHaveLength(1);
      expect(states.filter((one) => one === `${alg} next`)).toHaveLength(1);
    }
  });

  it('changed by two operators at the same moment leave one active key for each algorithm', async () => {
    const { platform } = stage.server;
    await Promise.all([rotateSigningKeys(platform, OPERATOR), rotateSigningKeys(platform, OPERATOR)]);
    const active = (await listSigningKeys(platform)).filter(({ state }) => state === 'active');
    expect(active.map(({ alg }) => alg).sort()).toEqual(['ES256', 'RS256']);
  });

  it('go when nothing they signed can be valid any more', async () => {
    const token = await idToken();
    await rotate();
    time = shiftTime(LIFETIMES.retiredSigningKey + 60);
    await removeOldKeys(stage.server.platform);
    await vi.waitFor(async () => expect(kidsOf(await published())).not.toContain(kidOf(token)), PATIENCE);
    const page = await stage.browser.open(authorizePath(app, { id_token_hint: token, prompt: 'none' }));
    expect(new URL(page.location ?? '').searchParams.get('error')).toBe('invalid_request');
  });

  it('lie in the database sealed', async () => {
    const rows = await stage.server.platform.db.signingKey.findMany();
    const stored = JSON.stringify(rows);
    for (const part of ['"d":', '"p":', '"q":', '"dp":', '"qi":']) expect(stored).not.toContain(part);
    expect(rows.every(({ sealed }) => !sealed.includes('"kty"'))).toBe(true);
  });
});
