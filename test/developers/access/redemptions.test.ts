import { randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endCode, makeCode, type NewAccessCode } from '../../../src/developers/access/access-codes.ts';
import { endAccess } from '../../../src/developers/access/access-ends.ts';
import { loadAccessInputs } from '../../../src/developers/access/access-inputs.ts';
import type { Api } from '../../../src/developers/apis/api.ts';
import { decideAccess } from '../../../src/developers/access/decide-access.ts';
import { changeScope } from '../../../src/developers/apis/scopes/scope-changes.ts';
import { publishTerms } from '../../../src/developers/apis/terms.ts';
import { digestOf, newHandle } from '../../../src/platform/crypto/secrets.ts';
import { waitingLetters } from '../../../src/platform/mail/outbox.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { aClient, anApi, anOrganization, ok, operator } from '../../support/developers.ts';
import { startTestServer } from '../../support/server.ts';

type Body = Record<string, unknown>;

let server: Awaited<ReturnType<typeof startTestServer>>;
let platform: OpenPlatform;
let acme: string;
let api: Api;
let key: Awaited<ReturnType<typeof aKey>>;

beforeAll(async () => {
  server = await startTestServer();
  platform = server.platform as OpenPlatform;
  acme = await anOrganization(platform, 'Acme');
  key = await aKey();
});
afterAll(() => server.stop());
beforeEach(async () => {
  api = (await anApi(platform, acme)).api;
});

async function aKey() {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid: randomUUID() };
  return { privateKey, jwk, thumbprint: await calculateJwkThumbprint(jwk) };
}

async function aCode(part: Partial<NewAccessCode> = {}) {
  const made = await makeCode(platform, operator, {
    ...{ apiId: api.id, organizationId: acme, accountId: null, label: 'For the fair', uses: 1 },
    ...{ scopes: ['notes:read'], days: 30, peoplePerDay: 50, requestsPerMinute: 60 },
    untilAt: new Date(Date.now() + 86_400_000),
    ...part,
  });
  return { id: ok(made).id, code: ok(made).issued.secret };
}

async function send(body: unknown, type = 'application/json') {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(`${server.url}/access-codes/redemptions`, {
    ...{ method: 'POST', body: text, headers: { 'Content-Type': type } },
  });
  return { status: response.status, body: (await response.json()) as Body, headers: response.headers };
}

const machine = (part: Body = {}) => ({
  ...{ client_name: 'Night train', application_type: 'machine', jwks: { keys: [key.jwk] } },
  ...part,
});
const redeem = (code: string, client: Body = machine(), more: Body = {}) => send({ code, client, ...more });
const clients = () => platform.db.client.count({ where: { organizationId: acme } });

async function tokenFor(clientId: string, scope = 'notes:read') {
  const assertion = await new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg: 'ES256', kid: String(key.jwk.kid) })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(server.url)
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(key.privateKey);
  const form = {
    ...{ grant_type: 'client_credentials', scope, client_id: clientId, client_assertion: assertion },
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  };
  const response = await fetch(`${server.url}/token`, { method: 'POST', body: new URLSearchParams(form) });
  return { status: response.status, body: (await response.json()) as Body };
}

describe('whoever has a code and no account', () => {
  it('registers an app with its key, gets a token for the API, and for nothing else of its sponsor', async () => {
    const { code } = await aCode();
    const elsewhere = (await anApi(platform, acme)).api;
    const { status, body, headers } = await redeem(code);
    expect(status).toBe(201);
    expect(headers.get('Cache-Control')).toBe('no-store');
    expect(body).toMatchObject({
      ...{ client_name: 'Night train', token_endpoint_auth_method: 'private_key_jwt', scope: 'notes:read' },
      jwks: { keys: [{ kid: key.jwk.kid, x: key.jwk.x }] },
      access: { resource: api.identifier, scope: 'notes:read', people_per_day: 50, requests_per_minute: 60 },
    });
    expect(body).not.toHaveProperty('client_secret');
    const clientId = String(body.client_id);
    const { body: issued } = await tokenFor(clientId);
    expect(issued).toMatchObject({ scope: 'notes:read', token_type: 'Bearer' });
    const inputs = await loadAccessInputs(platform, clientId, elsewhere.identifier);
    expect(decideAccess(inputs, undefined, new Date())).toMatchObject({ reason: 'no-access' });
  });

  it('registers one without a key where the app cannot keep one, and signs people in with it', async () => {
    const { code } = await aCode();
    const spa = {
      client_name: 'Paper Planner',
      application_type: 'spa',
      redirect_uris: ['https://app.example/cb'],
    };
    const { status, body } = await redeem(code, spa);
    expect(status).toBe(201);
    expect(body).toMatchObject({ token_endpoint_auth_method: 'none', redirect_uris: spa.redirect_uris });
    expect(
      await platform.db.client.findUniqueOrThrow({ where: { id: String(body.client_id) } }),
    ).toMatchObject({
      ...{ organizationId: acme, sponsored: true, stage: 'live', firstParty: false, verifiedAt: null },
    });
  });

  it('makes the owners of the API hear of it, who end it again', async () => {
    const { code } = await aCode();
    const { body } = await redeem(code);
    const letters = (await waitingLetters(platform)).filter(({ text }) =>
      text.includes('without an account'),
    );
    expect(letters.some(({ text }) => text.includes(`${api.id}/accesses`))).toBe(true);
    const clientId = String(body.client_id);
    const { id } = await platform.db.access.findFirstOrThrow({ where: { clientId } });
    ok(await endAccess(platform, operator, { id, apiId: api.id, note: 'Not expected' }));
    const inputs = await loadAccessInputs(platform, clientId, api.identifier);
    expect(decideAccess(inputs, undefined, new Date())).toMatchObject({ reason: 'access-ended' });
  });

  it('cannot make more of itself than the code gives', async () => {
    const { code } = await aCode();
    const smuggled = {
      ...{ sponsored: false, first_party: true, firstParty: true, stage: 'live', verifiedAt: '2026-01-01' },
      ...{ organizationId: randomUUID(), organization_id: randomUUID(), trustDomainId: randomUUID() },
      ...{
        scope: 'notes:write',
        scopes: ['notes:write'],
        client_id: 'app_22222222222222222222',
        until: null,
      },
      ...{ peoplePerDay: null, access: { scopes: ['notes:write'] }, token_endpoint_auth_method: 'none' },
    };
    const { status, body } = await redeem(code, machine(smuggled), smuggled);
    expect(status).toBe(201);
    const row = await platform.db.client.findUniqueOrThrow({ where: { id: String(body.client_id) } });
    expect(row).toMatchObject({ organizationId: acme, sponsored: true, firstParty: false, verifiedAt: null });
    expect(row.scopes).toEqual(['notes:read']);
    expect(row.authMethod).toBe('private_key_jwt');
    const { scopes, peoplePerDay } = await platform.db.access.findFirstOrThrow({
      where: { clientId: row.id },
    });
    expect({ scopes, peoplePerDay }).toEqual({ scopes: ['notes:read'], peoplePerDay: 50 });
  });

  it('cannot take the name of an app of its sponsor, which people would read as the sponsor itself', async () => {
    const { code } = await aCode();
    const name = `Acme Ledger ${randomUUID()}`;
    await aClient(platform, acme, { name });
    for (const client_name of [name, name.replace('Acme', 'ACME '), name.replace('e L', 'е L')]) {
      const { status, body } = await redeem(code, machine({ client_name }));
      expect({ status, error: body.error }, client_name).toMatchObject({ status: 400 });
    }
    expect((await redeem(code, machine({ client_name: 'Quite another name' }))).status).toBe(201);
  });

  it('reads the terms of the API before it accepts them', async () => {
    const text = 'Whoever uses this API is kind to it and to whom it tells of.';
    ok(await publishTerms(platform, operator, { organizationId: acme, apiId: api.id, text }));
    const { code } = await aCode();
    expect(await redeem(code)).toMatchObject({
      status: 400,
      body: { error: 'terms_not_accepted', terms_version: 1, terms: text },
    });
    expect((await redeem(code, machine(), { terms_version: 2 })).status).toBe(400);
    const { status, body } = await redeem(code, machine(), { terms_version: 1 });
    expect(status).toBe(201);
    const accepted = { clientId: String(body.client_id), version: 1, acceptedBy: null };
    expect(await platform.db.termsAcceptance.count({ where: accepted })).toBe(1);
  });
});

describe('a redemption without an account is refused', () => {
  it.each<[string, string, Body]>([
    ['without a key where it could keep one', 'invalid_client_metadata', { jwks: undefined }],
    ['with a private key', 'invalid_client_metadata', { jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } }],
    ['with an empty set of keys', 'invalid_client_metadata', { jwks: { keys: [] } }],
    ['under no name', 'invalid_client_metadata', { client_name: ' ' }],
    ['under a name that deceives', 'invalid_client_metadata', { client_name: 'Bank\u202eknaB' }],
    ['under our own name', 'invalid_client_metadata', { client_name: 'Gatehouse Support' }],
    ['with a script for an address', 'invalid_redirect_uri', WEB('javascript:alert(1)')],
    ['with an address that anybody reads', 'invalid_redirect_uri', WEB('http://app.example/cb')],
    ['with a fragment in its address', 'invalid_redirect_uri', WEB('https://app.example/cb#x')],
    ['without an address', 'invalid_redirect_uri', { application_type: 'web', redirect_uris: [] }],
    ['as a kind that does not exist', 'invalid_request', { application_type: 'toaster' }],
    ['with a number for a name', 'invalid_request', { client_name: 7 }],
    ['with a text for keys', 'invalid_request', { jwks: 'none' }],
    ['with a list for keys', 'invalid_request', { jwks: [] }],
  ])('%s', async (_, error, part) => {
    const { code, id } = await aCode();
    const before = await clients();
    const { status, body } = await redeem(code, machine(part));
    expect({ status, error: body.error }).toEqual({ status: 400, error });
    expect(JSON.stringify(body)).not.toContain(code);
    expect(await clients()).toBe(before);
    expect((await platform.db.accessCode.findUniqueOrThrow({ where: { id } })).usesLeft).toBe(1);
  });

  it.each<[string, Partial<NewAccessCode>]>([
    ['that is for one organization', { forOrganization: undefined }],
    ['that cannot be redeemed yet', { fromAt: new Date(Date.now() + 3_600_000) }],
  ])('with a code %s', async (name, part) => {
    const forOrganization = name.includes('organization')
      ? await anOrganization(platform, 'Bound')
      : undefined;
    const { code } = await aCode({ ...part, ...(forOrganization && { forOrganization }) });
    expect(await redeem(code)).toMatchObject({ status: 400, body: { error: 'invalid_access_code' } });
  });

  it('with a code that is ended, used up, or that nobody made', async () => {
    const ended = await aCode();
    ok(await endCode(platform, operator, { id: ended.id, apiId: api.id }));
    const used = await aCode();
    expect((await redeem(used.code)).status).toBe(201);
    for (const code of [ended.code, used.code, newHandle('accesscode', new Date())]) {
      expect(await redeem(code)).toMatchObject({ status: 400, body: { error: 'invalid_access_code' } });
    }
  });

  it('for what is sensitive, or of an API that is gone', async () => {
    const { code } = await aCode();
    const scope = { apiIdentifier: api.identifier, name: 'notes:read' } as const;
    await changeScope(platform, operator, { ...scope, sensitivity: 'sensitive' });
    expect(await redeem(code)).toMatchObject({ body: { error: 'invalid_access_code' } });
    await changeScope(platform, operator, { ...scope, sensitivity: 'basic' });
    await platform.db.api.update({ where: { id: api.id }, data: { identifier: null } });
    expect(await redeem(code)).toMatchObject({ body: { error: 'invalid_access_code' } });
  });

  it.each([
    ['no JSON', '{"code":', 400],
    ['a list', '[]', 400],
    ['nothing', '{}', 400],
    ['null', 'null', 400],
    ['a code that is a list', '{"code":["x"],"client":{"client_name":"x"}}', 400],
    ['no client', '{"code":"x"}', 400],
    ['a client that is null', '{"code":"x","client":null}', 400],
    ['a prototype', '{"__proto__":{"code":"x"},"client":{}}', 400],
    ['too much', JSON.stringify({ code: 'x'.repeat(100_000) }), 413],
  ])('with %s in its body', async (_, text, status) => {
    expect((await send(text)).status).toBe(status);
  });

  it('in another type than JSON or a form', async () => {
    expect((await send('<code/>', 'text/xml')).status).toBe(415);
  });
});

describe('a code for the holder of a key', () => {
  const signed = (
    code: string,
    { claims = {}, typ = 'access-code+jwt', by = key }: { claims?: Body; typ?: string; by?: typeof key } = {},
  ) => {
    const code_hash = digestOf(code).toString('base64url');
    const iat = Math.floor(Date.now() / 1000);
    return new SignJWT({ aud: server.url, iat, code_hash, ...claims })
      .setProtectedHeader({ alg: 'ES256', typ })
      .sign(by.privateKey);
  };

  it('is redeemed by them, with a proof', async () => {
    const { code } = await aCode({ keyThumbprint: key.thumbprint });
    const { status } = await redeem(code, machine(), { proof: await signed(code) });
    expect(status).toBe(201);
  });

  it('is redeemed by nobody else', async () => {
    const thief = await aKey();
    const { code } = await aCode({ keyThumbprint: key.thumbprint });
    const other = await aCode();
    const now = Math.floor(Date.now() / 1000);
    const proofs = [
      undefined,
      'nonsense',
      'a.b.c',
      await signed(code, { by: thief }),
      await signed(other.code),
      await signed(code, { claims: { aud: 'https://elsewhere.example' } }),
      await signed(code, { claims: { iat: now - 3600 } }),
      await signed(code, { claims: { iat: now + 3600 } }),
      await signed(code, { typ: 'JWT' }),
      `${(await signed(code)).split('.').slice(0, 2).join('.')}.`,
    ];
    for (const proof of proofs) {
      const { status, body } = await redeem(code, machine(), proof === undefined ? {} : { proof });
      expect({ status, error: body.error }, String(proof)).toEqual({ status: 400, error: 'invalid_proof' });
    }
    const without = machine({ jwks: { keys: [thief.jwk] } });
    expect(await redeem(code, without, { proof: await signed(code, { by: thief }) })).toMatchObject({
      body: { error: 'invalid_proof' },
    });
    const both = machine({ jwks: { keys: [key.jwk, thief.jwk] } });
    expect(await redeem(code, both, { proof: await signed(code, { by: thief }) })).toMatchObject({
      body: { error: 'invalid_proof' },
    });
  });
});

function WEB(uri: string): Body {
  return { application_type: 'web', redirect_uris: [uri] };
}
