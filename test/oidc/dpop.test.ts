import { createHash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { liveInstallations } from '../../src/tokens/installations.ts';
import { type App, newApp } from '../support/world.ts';
import {
  type Answer,
  answerOf,
  codeFor,
  introspected,
  issued,
  newPkce,
  openStage,
  post,
  redeem,
  refresh,
  type Stage,
  type Tokens,
} from './stage.ts';

interface Holder {
  readonly thumbprint: string;
  /** A proof (RFC 9449 §4.2) for a POST to the token endpoint, changed by what is given. */
  prove(
    claims?: Readonly<Record<string, unknown>>,
    header?: Readonly<Record<string, unknown>>,
  ): Promise<string>;
}

async function newHolder(issuer: string): Promise<Holder> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  return {
    thumbprint: await calculateJwkThumbprint(jwk),
    prove: (claims = {}, header = {}) => {
      const iat = Math.floor(Date.now() / 1000);
      const sound = { jti: randomUUID(), htm: 'POST', htu: `${issuer}/token`, iat };
      return new SignJWT({ ...sound, ...claims })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk, ...header })
        .sign(privateKey);
    },
  };
}

const athOf = (token: string) => createHash('sha256').update(token).digest('base64url');

describe('a token that is bound to a key', () => {
  let stage: Stage;
  let spa: App;
  let machine: App;
  let holder: Holder;
  let thief: Holder;
  beforeAll(async () => {
    stage = await openStage();
    const { platform } = stage.server;
    spa = await newApp(platform, stage.api, { firstParty: true, type: 'spa' });
    machine = await newApp(platform, stage.api, { type: 'machine', scopes: ['notes:read'] });
    [holder, thief] = [await newHolder(stage.issuer), await newHolder(stage.issuer)];
  });
  afterAll(() => stage.server.stop());

  async function boundTokens(scope = 'openid notes:read offline_access'): Promise<Tokens> {
    const code = await codeFor(stage, spa, { scope });
    return issued(await redeem(stage, spa, code, {}, { DPoP: await holder.prove() }));
  }

  const askMachine = (proof: string): Promise<Answer> =>
    post(stage, '/token', machine, { grant_type: 'client_credentials' }, { DPoP: proof });

  it('says so, and the API learns the key', async () => {
    const tokens = await boundTokens();
    expect(tokens.token_type).toBe('DPoP');
    expect(JSON.parse(await introspected(stage, stage.api, tokens.access_token))).toMatchObject({
      active: true,
      token_type: 'DPoP',
      cnf: { jkt: holder.thumbprint },
    });
  });

  it('shows its person which key it is bound to', async () => {
    await boundTokens();
    const [latest] = await liveInstallations(stage.server.platform, stage.person.id, spa.clientId);
    expect(latest?.keyThumbprint).toBe(holder.thumbprint);
    const { text } = await stage.browser.open('/account/apps');
    expect(text).toContain(`Bound to a key on that device: ${holder.thumbprint.slice(0, 8)}`);
  });

  it('is refreshed by its holder alone, and then stays the same: its key protects it', async () => {
    const { refresh_token: token } = await boundTokens();
    for (const headers of [{}, { DPoP: await thief.prove() }] as Record<string, string>[]) {
      expect((await refresh(stage, spa, token, {}, headers)).body.error).toBe('invalid_grant');
    }
    const renewed = issued(await refresh(stage, spa, token, {}, { DPoP: await holder.prove() }));
    expect(renewed.refresh_token).toBe(token);
    expect(renewed.token_type).toBe('DPoP');
  });

  it('of a code that names the key is given to that key alone (RFC 9449 §10)', async () => {
    const code = await codeFor(stage, spa, { dpop_jkt: holder.thumbprint });
    expect((await redeem(stage, spa, code)).body.error).toBe('invalid_grant');
    const stolen = await redeem(stage, spa, code, {}, { DPoP: await thief.prove() });
    expect(stolen.body.error).toBe('invalid_grant');
    expect((await redeem(stage, spa, code, {}, { DPoP: await holder.prove() })).status).toBe(200);
  });

  it('of a pushed request belongs to the key that pushed it', async () => {
    const pkce = newPkce();
    const fields = {
      client_id: spa.clientId,
      response_type: 'code',
      redirect_uri: spa.redirectUri,
      scope: 'openid notes:read',
      code_challenge: pkce.challenge,
      code_challenge_method: 'S256',
    };
    const proof = await holder.prove({ htu: `${stage.issuer}/par` });
    const { body } = await post(stage, '/par', spa, fields, { DPoP: proof });
    const query = new URLSearchParams({ client_id: spa.clientId, request_uri: String(body.request_uri) });
    const page = await stage.browser.open(`/authorize?${query}`);
    const code = String(new URL(String(page.location)).searchParams.get('code'));
    const issuedCode = { code, verifier: pkce.verifier };
    expect((await redeem(stage, spa, issuedCode)).body.error).toBe('invalid_grant');
    const answer = await redeem(stage, spa, issuedCode, {}, { DPoP: await holder.prove() });
    expect(issued(answer).token_type).toBe('DPoP');
  });

  describe('at userinfo', () => {
    const show = async (token: string, scheme: string, proof?: string) =>
      answerOf(
        await fetch(`${stage.issuer}/userinfo`, {
          headers: { Authorization: `${scheme} ${token}`, ...(proof && { DPoP: proof }) },
        }),
      );
    const at = (token: string) => ({ htm: 'GET', htu: `${stage.issuer}/userinfo`, ath: athOf(token) });

    it('needs a proof of its key for this very token and address, once', async () => {
      const { access_token: token } = await boundTokens('openid email');
      const proof = await holder.prove(at(token));
      expect((await show(token, 'DPoP', proof)).body.email).toBe(stage.person.email);
      const again = await show(token, 'DPoP', proof);
      expect([again.status, again.body.error]).toEqual([401, 'invalid_dpop_proof']);
      expect(again.headers.get('WWW-Authenticate')).toMatch(/^DPoP /);
      expect(again.text).not.toContain('@');
    });

    it.each<[string, string, (token: string) => Promise<string> | undefined]>([
      ['as a bearer token', 'Bearer', () => undefined],
      ['as a bearer token beside a proof', 'Bearer', (token) => holder.prove(at(token))],
      ['without a proof', 'DPoP', () => undefined],
      ['with the proof of another key', 'DPoP', (token) => thief.prove(at(token))],
      ['with a proof for another token', 'DPoP', () => holder.prove(at('x'))],
      ['with a proof for no token', 'DPoP', (token) => holder.prove({ ...at(token), ath: undefined })],
      ['with a proof for another method', 'DPoP', (token) => holder.prove({ ...at(token), htm: 'POST' })],
      [
        'with a proof for another address',
        'DPoP',
        (token) => holder.prove({ ...at(token), htu: `${stage.issuer}/token` }),
      ],
    ])('is refused %s', async (_what, scheme, proofFor) => {
      const { access_token: token } = await boundTokens('openid email');
      const answer = await show(token, scheme, await proofFor(token));
      expect([400, 401]).toContain(answer.status);
      expect(answer.headers.get('WWW-Authenticate')).toBeTruthy();
      expect(answer.text).not.toContain('@');
    });

    it('does not make a bearer token better: a proof beside one that is not bound is refused', async () => {
      const code = await codeFor(stage, spa, { scope: 'openid email' });
      const { access_token: token } = issued(await redeem(stage, spa, code));
      expect((await show(token, 'DPoP', await holder.prove(at(token)))).status).toBe(401);
    });
  });

  describe('is not made for a proof', () => {
    const second = 1000;
    const wrong: [string, () => Promise<string>][] = [
      ['for another method', () => holder.prove({ htm: 'GET' })],
      ['for a method in small letters', () => holder.prove({ htm: 'post' })],
      ['for another address', () => holder.prove({ htu: 'https://evil.example/token' })],
      ['for another endpoint', () => holder.prove({ htu: `${stage.issuer}/par` })],
      ['for a longer address', () => holder.prove({ htu: `${stage.issuer}/token/x` })],
      ['for another port', () => holder.prove({ htu: 'http://localhost:1/token' })],
      ['for no address', () => holder.prove({ htu: undefined })],
      ['for a list of addresses', () => holder.prove({ htu: [`${stage.issuer}/token`] })],
      ['without a number', () => holder.prove({ jti: undefined })],
      ['with an empty number', () => holder.prove({ jti: '' })],
      ['with a number that is an object', () => holder.prove({ jti: {} })],
      ['without a time', () => holder.prove({ iat: undefined })],
      ['of an hour ago', () => holder.prove({ iat: Math.floor(Date.now() / second) - 3600 })],
      ['of an hour from now', () => holder.prove({ iat: Math.floor(Date.now() / second) + 3600 })],
      ['with a time in words', () => holder.prove({ iat: 'now' })],
      ['with a nonce nobody gave out', () => holder.prove({ nonce: 'x' })],
      ['with a nonce that is a number', () => holder.prove({ nonce: 1 })],
      ['of another type', () => holder.prove({}, { typ: 'JWT' })],
      ['of no type', () => holder.prove({}, { typ: undefined })],
      ['without its key', () => holder.prove({}, { jwk: undefined })],
      ['with somebody else’s key', async () => withKeyOf(thief, await holder.prove())],
      ['that is unsigned', async () => unsigned(await holder.prove())],
      ['that is cut short', async () => (await holder.prove()).slice(0, -4)],
      ['that is no token', async () => 'x'],
      ['of ten kilobytes', async () => 'x'.repeat(10_000)],
      ['given twice', async () => `${await holder.prove()}, ${await holder.prove()}`],
    ];
    it.each(wrong)('%s', async (_what, proof) => {
      const answer = await askMachine(await proof());
      expect(answer.status).toBe(400);
      expect(['invalid_dpop_proof', 'use_dpop_nonce']).toContain(answer.body.error);
    });

    it('with a private key in it', async () => {
      const { privateKey } = await generateKeyPair('ES256', { extractable: true });
      const jwk = await exportJWK(privateKey);
      const iat = Math.floor(Date.now() / 1000);
      const proof = await new SignJWT({ jti: '1', htm: 'POST', htu: `${stage.issuer}/token`, iat })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
        .sign(privateKey);
      expect((await askMachine(proof)).body.error).toBe('invalid_dpop_proof');
    });

    it('with a shared secret for a key', async () => {
      const key = Buffer.alloc(32, 1);
      const jwk = { kty: 'oct', k: key.toString('base64url') };
      const iat = Math.floor(Date.now() / 1000);
      const proof = await new SignJWT({ jti: '2', htm: 'POST', htu: `${stage.issuer}/token`, iat })
        .setProtectedHeader({ alg: 'HS256', typ: 'dpop+jwt', jwk: jwk as never })
        .sign(key);
      expect((await askMachine(proof)).body.error).toBe('invalid_dpop_proof');
    });
  });

  it('is made once for each proof: of twenty copies at the same time one is accepted', async () => {
    const proof = await holder.prove();
    const answers = await Promise.all(Array.from({ length: 20 }, () => askMachine(proof)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 200)) {
      expect(status).toBe(400);
      expect(['invalid_dpop_proof', 'invalid_grant']).toContain(body.error);
    }
    expect((await askMachine(proof)).status).toBe(400);
  });

  it('does not cost the code when the proof was used before', async () => {
    const code = await codeFor(stage, spa);
    const used = await holder.prove();
    const other = await codeFor(stage, spa);
    expect((await redeem(stage, spa, other, {}, { DPoP: used })).status).toBe(200);
    expect((await redeem(stage, spa, code, {}, { DPoP: used })).status).toBe(400);
    expect((await redeem(stage, spa, code, {}, { DPoP: await holder.prove() })).status).toBe(200);
  });

  it('can be had with an old clock: the server hands out a nonce, which then counts', async () => {
    const iat = Math.floor(Date.now() / 1000) - 3600;
    const first = await askMachine(await holder.prove({ iat }));
    expect(first.body.error).toBe('use_dpop_nonce');
    const nonce = String(first.headers.get('DPoP-Nonce'));
    expect((await askMachine(await holder.prove({ iat, nonce }))).status).toBe(200);
  });
});

/** The proof of one holder under the key of another. */
async function withKeyOf(other: Holder, proof: string): Promise<string> {
  const [header] = (await other.prove()).split('.');
  return [header, ...proof.split('.').slice(1)].join('.');
}

function unsigned(proof: string): string {
  const [header = '', payload] = proof.split('.');
  const named = JSON.parse(Buffer.from(header, 'base64url').toString()) as object;
  return `${Buffer.from(JSON.stringify({ ...named, alg: 'none' })).toString('base64url')}.${payload}.`;
}
