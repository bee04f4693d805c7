import { grantAccess } from '../../src/developers/access/access.ts';
import { createApi } from '../../src/developers/apis/api.ts';
import { changeScope } from '../../src/developers/apis/scopes/scope-changes.ts';
import type { NewClient } from '../../src/developers/clients/registration.ts';
import type { RunningServer } from '../../src/main.ts';
import { type RelyingParty, relyingParty } from '../support/relying-party.ts';
import { startTestServer } from '../support/server.ts';
import { type App, newApp, newOrganization, OPERATOR } from '../support/world.ts';

/** A server with the apps whose pages are shown. */
export interface Exhibition extends RunningServer {
  readonly notebook: App;
  /** On the person's own device. */
  readonly native: App;
  /** May go without what changes data. */
  readonly modest: App;
  /** Every name and sentence as long as it may be. */
  readonly longNames: App;
  partyOf(app: App): Promise<RelyingParty>;
}

export async function openExhibition(): Promise<Exhibition> {
  const server = await startTestServer({ jobs: true });
  const stand = { app: 'Notebook', maker: 'Paper & Pencil', api: 'Acme Notes', sentences: SENTENCES };
  const [notebook, native, modest, longNames] = await Promise.all([
    show(server, { ...stand, redirectUris: ['https://notebook.example/callback'] }),
    show(server, { ...stand, type: 'native', redirectUris: ['com.example.notebook:/callback'] }),
    show(server, { ...stand, optional: true, redirectUris: ['http://127.0.0.1/callback'], type: 'native' }),
    show(server, {
      app: 'Pneumonoultramicroscopicsilicovolcanoconiosis Diary for All',
      maker: 'The Honourable Company of Stationers and Newspaper Makers',
      api: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerke',
      sentences: LONG_SENTENCES,
      redirectUris: [
        'https://signin.customers.pneumonoultramicroscopicsilicovolcanoconiosis.example:8443/back',
      ],
    }),
  ]);
  const partyOf = (app: App) => relyingParty(server.url, app);
  return { ...server, notebook, native, modest, longNames, partyOf };
}

const SENTENCES = [
  'Read your notes',
  'Write and change your notes',
  'Delete notebooks and decide who shares them',
];
const LONG_SENTENCES = [
  'See everything you ever wrote, whom you shared it with, when they opened it and what they answered, for all years',
  'Change and delete https://notes.example/with/a/very/long/address/that/nobody/can/break/anywhere in your name, for good',
  'Decide who may read',
];

interface Stand {
  readonly app: string;
  readonly maker: string;
  readonly api: string;
  readonly sentences: readonly string[];
  readonly type?: NewClient['type'];
  readonly redirectUris: readonly string[];
  /** People may leave out what changes data. */
  readonly optional?: true;
}

/** An API of one organization and an app of another, which may use all of it. */
async function show({ platform }: RunningServer, stand: Stand): Promise<App> {
  const { app: name, maker, api, sentences, type = 'web', redirectUris } = stand;
  const names = ['notes:read', 'notes:write', 'notes:admin'];
  const created = await createApi(platform, OPERATOR, {
    organizationId: await newOrganization(platform, 'Acme'),
    identifier: `https://${crypto.randomUUID()}.example`,
    name: api,
    scopes: names.map((scope, i) => ({ name: scope, description: sentences[i] ?? scope })),
  });
  if (!created.ok) throw new Error(created.sentence);
  const { identifier, clientId, organizationId } = created.api;
  for (const scope of stand.optional ? names.slice(1) : [])
    await changeScope(platform, OPERATOR, { apiIdentifier: identifier, name: scope, optional: true });
  const owner = { organizationId, identifier, clientId, secret: created.issued.secret };
  const makerId = await newOrganization(platform, maker);
  const app = await newApp(platform, owner, { organizationId: makerId, name, type, redirectUris });
  const access = {
    clientId: app.clientId,
    apiIdentifier: identifier,
    scopes: names,
    origin: 'operator',
  } as const;
  await grantAccess(platform, OPERATOR, access);
  return app;
}
