import type { Page } from 'playwright-core';
import type { CallFacts } from '../../src/developers/insights/call-facts.ts';
import { CALL_ENDPOINTS, type ProtocolCall } from '../../src/developers/insights/protocol-call.ts';
import { noteRequest, writeRequests } from '../../src/developers/insights/request-log.ts';
import { listRequests } from '../../src/developers/insights/request-search.ts';
import { findApi } from '../../src/developers/apis/api.ts';
import { newApi, newApp, newPerson, type Person } from '../support/world.ts';
import { withPointer } from '../support/browser.ts';
import type { Exhibition } from './exhibition.ts';
import { type Scenes, toAccountPage } from './scene-steps.ts';

/** The request inspector of apps and APIs. */
export const inspectorScenes: Scenes = {
  requests: async (page, world) => {
    const stand = await aStand(world);
    for (let call = 0; call < 60; call += 1) note(world, stand, ORDINARY[call % ORDINARY.length] ?? {});
    await toList(page, world, stand);
  },
  'requests-none': async (page, world) => toList(page, world, await aStand(world)),
  'requests-filter-problems': async (page, world) =>
    toList(page, world, await aStand(world), '?since=yesterday&error=Invalid&request=1'),
  'requests-of-api': async (page, world) => {
    const stand = await aStand(world);
    note(world, { ...stand, clientId: stand.apiClientId }, { endpoint: 'introspection', inactive: true });
    await writeRequests(world.platform);
    await toAccountPage(page, world, `${stand.api}/requests`, stand.person);
  },
  'request-redirect': async (page, world) => {
    const stand = await aStand(world);
    const sent = `${stand.redirectUri}/`;
    note(world, stand, REDIRECT, { redirectUris: [stand.redirectUri], params: [['redirect_uri', sent]] });
    await toOne(page, world, stand);
  },
  'request-compared': async (page, world) => {
    const stand = await aStand(world);
    note(world, stand, { grantType: 'authorization_code' }, CODE_FACTS);
    note(world, stand, { grantType: 'authorization_code', error: 'invalid_grant', status: 400 }, REUSED);
    await toOne(page, world, stand, 'failed');
  },
  'request-good': async (page, world) => {
    const stand = await aStand(world);
    note(world, stand, { grantType: 'authorization_code', subject: 's' }, CODE_FACTS);
    await toOne(page, world, stand);
  },
  'request-unproven': async (page, world) => {
    const stand = await aStand(world);
    note(
      world,
      stand,
      { error: 'invalid_client', status: 401, proven: false },
      { detail: 'invalid secret provided' },
    );
    await toOne(page, world, stand);
  },
  'redirect-addition': (page, world) => toAddition(page, world, 'https://xn--pple-43d.example/callback'),
  'redirect-addition-refused': async (page, world) => {
    await toAddition(page, world, 'http://app.example.com/a/path/that/is/rather/long/callback?tenant=42');
    await withPointer(page).press('Add this URI');
  },
  'redirect-addition-none': async (page, world) => {
    const stand = await aStand(world);
    await toAccountPage(
      page,
      world,
      `${stand.app}/redirect-uris/additions?request=nobody-knows-it`,
      stand.person,
    );
  },
  'error-for-members': async (page, world) => {
    const { clientId, person } = await aStand(world);
    const query = new URLSearchParams({
      client_id: clientId,
      redirect_uri: 'http://localhost:4321/call-back/',
    });
    await toAccountPage(page, world, `/authorize?${query}&response_type=code&scope=openid`, person);
  },
};

interface Stand {
  readonly person: Person;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly app: string;
  readonly api: string;
  readonly apiClientId: string;
}

/** An app and an API of an organization that the person owns. */
async function aStand({ platform }: Exhibition): Promise<Stand> {
  const notes = await newApi(platform, { identifier: `https://${crypto.randomUUID()}.example` });
  const { organizationId, clientId: apiClientId } = notes;
  const { clientId, redirectUri } = await newApp(platform, notes);
  const person = await newPerson(platform);
  const member = { organizationId, accountId: person.id, role: 'owner', createdAt: platform.clock.now() };
  await platform.db.organizationMember.create({ data: member });
  const home = `/developers/organizations/${organizationId}`;
  const api = `${home}/apis/${(await findApi(platform, notes.identifier))?.id}`;
  return { person, clientId, redirectUri, app: `${home}/apps/${clientId}`, api, apiClientId };
}

const ORDINARY: readonly Partial<ProtocolCall>[] = [
  { grantType: 'refresh_token' },
  { endpoint: 'userinfo' },
  { endpoint: 'authorization', status: 303 },
  { grantType: 'authorization_code', error: 'invalid_grant', status: 400 },
  { endpoint: 'pushed_authorization_request', status: 201 },
  { endpoint: 'authorization', error: 'unmet_authentication_requirements', status: 303, micros: 1_234_567 },
  ...CALL_ENDPOINTS.map((endpoint) => ({ endpoint })),
];

const REDIRECT: Partial<ProtocolCall> = {
  ...{
    endpoint: 'authorization',
    error: 'invalid_redirect_uri',
    status: 400,
    requestId: crypto.randomUUID(),
  },
};

const CODE_FACTS: Partial<CallFacts> = {
  params: [
    ['grant_type', 'authorization_code'],
    ['code', '[masked, 65 characters]'],
    ['code_verifier', '[masked, 43 characters]'],
    [
      'redirect_uri',
      'https://signin.customers.pneumonoultramicroscopicsilicovolcanoconiosis.example:8443/back',
    ],
  ],
  answer: [
    ['access_token', '[masked, 67 characters]'],
    ['token_type', 'Bearer'],
    ['expires_in', '600'],
    ['scope', 'openid notes:read'],
  ],
  subject: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
};

const REUSED: Partial<CallFacts> = {
  ...CODE_FACTS,
  params: [...(CODE_FACTS.params ?? []).slice(0, 3), ['resource', 'https://notes.example']],
  answer: [
    ['error', 'invalid_grant'],
    ['error_description', 'grant request is invalid'],
  ],
  description: 'grant request is invalid',
  detail: 'authorization code already consumed',
  artifact: { kind: 'code', state: 'spent' },
};

function note(
  { platform }: Exhibition,
  { clientId }: Pick<Stand, 'clientId'>,
  call: Partial<ProtocolCall>,
  facts: Partial<CallFacts> = {},
): void {
  const known: CallFacts = {
    ...{ method: 'POST', path: '/token', from: '192.0.2.0/24', auth: 'basic', params: [], answer: [] },
    client: { type: 'web', authMethod: 'client_secret_basic' },
    headers: [['authorization', `Basic ${clientId}:[masked]`]],
    ...(call.inactive && { inactive: 'other-audience', answer: [['active', 'false']] }),
    ...facts,
  };
  noteRequest(platform, {
    ...{
      at: platform.clock.now(),
      clientId,
      proven: true,
      endpoint: 'token',
      grantType: undefined,
      status: 200,
    },
    ...{
      error: undefined,
      inactive: false,
      micros: 4_200,
      requestId: crypto.randomUUID(),
      subject: undefined,
    },
    ...{ tokens: 0, redirectUri: undefined, facts: () => known, ...call },
  });
}

async function toList(page: Page, world: Exhibition, stand: Stand, query = ''): Promise<void> {
  await writeRequests(world.platform);
  await toAccountPage(page, world, `${stand.app}/requests${query}`, stand.person);
}

async function toOne(page: Page, world: Exhibition, stand: Stand, result?: 'failed'): Promise<void> {
  await writeRequests(world.platform);
  const { requests } = await listRequests(world.platform, stand.clientId, { result });
  await toAccountPage(page, world, `${stand.app}/requests/${requests[0]?.key}`, stand.person);
}

async function toAddition(page: Page, world: Exhibition, uri: string): Promise<void> {
  const stand = await aStand(world);
  const requestId = crypto.randomUUID();
  note(
    world,
    stand,
    { ...REDIRECT, requestId },
    { params: [['redirect_uri', uri]], redirectUris: [stand.redirectUri] },
  );
  await writeRequests(world.platform);
  await toAccountPage(page, world, `${stand.app}/redirect-uris/additions?request=${requestId}`, stand.person);
}
